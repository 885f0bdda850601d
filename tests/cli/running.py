"""How a test gives a command: to the whole program, as a user does."""

from __future__ import annotations

from typer.testing import CliRunner

from tocsin.cli.main import app


def run(*arguments: object) -> tuple[int, str, str]:
    """Return the exit code, what went to standard output and what to standard error."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr

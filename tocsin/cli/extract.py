"""`tocsin extract`: read one saved page as a thread, to see what the crawler would see."""

from __future__ import annotations

import gzip
import sys
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from tocsin.cli.options import AsJson, At, moment
from tocsin.cli.output import complain, say, show_json

if TYPE_CHECKING:
    from crawler.extract import ExtractedThread, ThreadFacts

_GZIP = b"\x1f\x8b"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("extract")(extract)


def extract(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A saved page (.html, .html.gz), or - for standard input.")
    ],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The address that the page came from.")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Read one saved page as a thread and print its posts."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise typer.BadParameter(f"{url!r} is no http(s) address", param_hint="--url")
    body = _read(file)
    from crawler.extract import ExtractError, extract_page, read_page, thread_facts

    try:
        page = read_page(body, url, now=moment(at))
        thread = extract_page(page, url)
        facts = thread_facts(page, url)
    except ExtractError as error:
        complain(f"{file}: {error}")
        raise typer.Exit(1) from error
    if as_json:
        show_json(_document(thread, facts))
    if not thread.posts:
        complain(f"{file}: no posts found; is it the page of a thread, as saved without running its scripts?")
        raise typer.Exit(1)
    if not as_json:
        _show(thread)


def _read(file: Path) -> bytes:
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror or error}", param_hint="FILE") from error
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        complain(f"{file}: broken gzip data: {error}")
        raise typer.Exit(1) from error


def _document(thread: ExtractedThread, facts: ThreadFacts) -> dict[str, object]:
    about = {"title": thread.title, "url": thread.url, **asdict(facts)}
    return {"route": thread.route, "thread": about, "posts": list(thread.posts)}


def _show(thread: ExtractedThread) -> None:
    say(f"{thread.title or '(no title)'}")
    say(f"{thread.url} · {len(thread.posts)} posts · {thread.route}")
    for post in thread.posts:
        when = post.created_at.isoformat(sep=" ", timespec="minutes") if post.created_at else "no date"
        answer = f" · answers {post.parent}" if post.parent else ""
        say(f"\n[{post.position}] {post.author or 'unknown'} · {when}{answer}")
        say(post.text)

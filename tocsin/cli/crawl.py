"""`tocsin crawl`, `tocsin import`: fill the store from the sources, or from a file."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import complain, progress, say, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from crawler.importing import ImportReport
    from crawler.plan import CrawlPlan
    from tocsin.config import Config
    from tocsin.store.records import Coverage

SourceNames = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source; may be given again.")
]
ImportSource = Annotated[
    str, typer.Option("--source", metavar="NAME", help="The source of rows that name none of their own.")
]
BAD_SHOWN = 10
FAILED = ("failed", "refused", "off")


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(crawl)
    app.command("import")(import_)


def crawl(config: ConfigPath = DEFAULT_CONFIG, source: SourceNames = None, as_json: AsJson = False) -> None:
    """Collect new posts from the configured sources.

    Exit code 1 when no source could be read at all; a single failing source is in the table.
    """
    # Heavy: the plan pulls in the analyzers, the process module the store.
    from crawler.errors import CrawlError
    from tocsin.store.errors import StoreError

    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    with failures(StoreError, CrawlError):
        found = _crawled(load(config), source or [])
    if as_json:
        show_json(found)
    else:
        _show(found)
    if found and all(coverage.status in FAILED for coverage in found):
        raise typer.Exit(1)


def import_(
    file: Annotated[Path, typer.Argument(help="A .csv, .jsonl, .ndjson or .mbox file, also gzipped (.gz).")],
    source: ImportSource,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Read posts from a file into the store.

    Columns: created_at and text are required; source, thread, title, id, parent, author, url, likes,
    replies, reposts, views and rating may follow; files with other names need `columns` under the source
    (docs/sources.md). Posts count as seen when they were written. Rows that cannot be read are left out
    and named by line; importing a file again adds nothing.
    """
    # Heavy: the store pulls in sqlite-utils.
    from crawler.errors import CrawlError
    from tocsin.store.errors import StoreError

    with failures(StoreError, CrawlError):
        report = _imported(load(config), file, source)
    if as_json:
        show_json(report)
        return
    say(
        f"{file.name}: {report.rows} rows, {report.new} new posts, {report.changed} changed, "
        f"{report.unchanged} known already, {report.bad} left out (sources: {', '.join(report.sources) or 'none'})"
    )
    for line, reason in report.bad_lines[:BAD_SHOWN]:
        complain(f"line {line}: {reason}")
    if report.bad > BAD_SHOWN:
        complain(f"and {report.bad - BAD_SHOWN} more lines (--json names the first 100)")


def _crawled(settings: Config, wanted: list[str]) -> list[Coverage]:
    # Heavy: see `crawl`.
    from crawler.process import crawl as run_crawl
    from tocsin.plans import crawl_plan
    from tocsin.store.database import open_store
    from tocsin.store.lock import locked
    from tocsin.store.runs import finish_run, start_run

    now = datetime.now(UTC)
    plan = only(crawl_plan(settings, 0), wanted)
    with locked(settings.store, now):
        with open_store(settings.store) as store:
            plan = replace(plan, run_id=start_run(store, "crawl", None, now))
        status = "failed"
        try:
            with progress() as bar:
                task = bar.add_task("crawling", total=len(plan.sources))
                found = run_crawl(plan, on_source=lambda _: bar.advance(task))
            status = "ok" if all(coverage.status == "ok" for coverage in found) else "partial"
        finally:
            with open_store(settings.store) as store:
                finish_run(store, plan.run_id, status, datetime.now(UTC))
    return found


def only(plan: CrawlPlan, wanted: list[str]) -> CrawlPlan:
    """Return the plan with the `wanted` sources, all when none is named. Raises `ConfigError` for an unknown one."""
    names = {source.name for source in plan.sources}
    for name in wanted:
        if name not in names:
            raise ConfigError(f"no enabled source is called {name!r}; there are: {', '.join(sorted(names)) or 'none'}")
    if not names:
        raise ConfigError("no source to crawl is configured: add one under [[sources]] (see docs/sources.md)")
    return replace(plan, sources=tuple(source for source in plan.sources if not wanted or source.name in wanted))


def _imported(settings: Config, file: Path, source: str) -> ImportReport:
    # Heavy: see `import_`.
    from crawler.importing import import_file
    from tocsin.store.database import open_store
    from tocsin.store.lock import locked
    from tocsin.store.runs import finish_run, note_step, start_run

    now = datetime.now(UTC)
    secret = (
        settings.pseudonym_key.get_secret_value() if settings.privacy.pseudonymise and settings.pseudonym_key else ""
    )
    with locked(settings.store, now), open_store(settings.store) as store, progress() as bar:
        task = bar.add_task("importing", total=None)
        report = import_file(
            store,
            file,
            source,
            now,
            pseudonym_key=secret.encode() or None,
            progress=lambda rows: bar.update(task, completed=rows),
            columns=next((dict(known.columns) for known in settings.sources if known.name == source), {}),
        )
        run = start_run(store, "import", None, now)
        outcome = f"{report.rows} rows, {report.new} new, {report.changed} changed, {report.bad} left out"
        note_step(store, run, file.name, outcome)
        finish_run(store, run, "partial" if report.bad else "ok", datetime.now(UTC))
    return report


def _show(found: list[Coverage]) -> None:
    for coverage in found:
        say(
            f"{coverage.source:24} {coverage.status:9} {coverage.new:6} new {coverage.changed:5} changed "
            f"{coverage.dropped:4} dropped {coverage.requests:5} requests"
        )
        if coverage.detail:
            say(f"{'':24} {coverage.detail}")

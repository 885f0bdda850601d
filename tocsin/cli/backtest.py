"""`tocsin backtest`: what the nights of the past would have said."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load, moment
from tocsin.cli.output import progress, show_json
from tocsin.config import Config
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from analyzers.backtest_figures import Event
    from tocsin.backtesting import Replaying, Span, Step
    from tocsin.store.database import Store

TIME = "TIME"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(backtest)


def backtest(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="A .csv, .jsonl or .mbox file. Default: the store."),
    ] = None,
    brand: Annotated[str | None, typer.Option("--brand", metavar="NAME", help="Whom it is about.")] = None,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="WORD", help="Another name of the brand; repeatable.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", metavar=TIME, help="Decide from here on.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar=TIME, help="Decide until here.")] = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", exists=True, dir_okay=False, help="CSV of what happened: date or time, name, brand."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Replay with this threshold too, side by side; repeatable."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Take every post of the file to be about the brand.")
    ] = False,
    assume_quiet: Annotated[
        int,
        typer.Option("--assume-quiet", metavar="DAYS", min=0, max=730, help="Put made-up quiet days before a file."),
    ] = 0,
    quiet_rate: Annotated[
        float, typer.Option("--quiet-rate", metavar="POSTS", min=0.1, help="Posts a day of the assumed quiet.")
    ] = 4.0,
    every: Annotated[
        int, typer.Option("--every", metavar="HOURS", min=1, max=24, help="Hours between two decisions.")
    ] = 24,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Replay the past night by night: which episodes would have opened, and what the digest would have said.

    Replays the store, or a file with the columns of `tocsin import` and, where they are known, `negative` and
    `hostile` (0, 1 or a probability); without them the model judges. Nothing is written. Each night knows only what
    was written (in a store: seen) by then.
    """
    # Heavy: NumPy, SciPy and the model would cost every `tocsin --help` half a second.
    from analyzers.errors import AnalyzerError, ThresholdError
    from analyzers.thresholds import DEFAULTS
    from crawler.errors import CrawlError
    from tocsin.cli.backtest_document import Result, document
    from tocsin.cli.backtest_report import show
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(StoreError, CrawlError, AnalyzerError):
        settings = _settings(config, file)
        try:
            wanted = dict(map(_change, changes or ()))
            DEFAULTS.changed(wanted)
        except ThresholdError as error:
            raise ConfigError(f"--set: {error}") from error
        if not file and (alias or everything or assume_quiet):
            raise ConfigError("--alias, --all and --assume-quiet are for a file: the store knows its mentions")
        known = _events(events) if events else []
        span = _span(settings, begin, end, every)
        with ExitStack() as opened, steps() as step:
            if file:
                name = _named(settings, brand, file)
                ready = [_of_file(settings, file, name, alias, everything, (assume_quiet, quiet_rate), span, step)]
            else:
                store = opened.enter_context(open_store(settings.store, create=False))
                ready = of_store(store, settings, brand, span)
            results = [
                Result(one, one.run(step=step), one.run(wanted, step) if wanted else None, span.zone) for one in ready
            ]
        if as_json:
            show_json(document(results, known, wanted))
        else:
            show(results, known, wanted)


def of_store(store: Store, settings: Config, brand: str | None, span: Span) -> list[Replaying]:
    """Read what the store holds of one configured brand, or of all. Raises `ConfigError` for an unknown one.

    The store must stay open while the nights are replayed: they ask it what was heard by then.
    """
    # Heavy: see `backtest`.
    from tocsin.backtesting import replaying_store
    from tocsin.plans import known_accounts

    names = [known.name for known in settings.brands]
    chosen = [name for name in names if brand is None or name.casefold() == brand.casefold()]
    if not chosen:
        raise ConfigError(f"no brand is called {brand!r}; known: {', '.join(names) or 'none'}")
    staff = known_accounts(settings).staff
    return [replaying_store(store, name, names, span, staff) for name in chosen]


@contextmanager
def steps() -> Iterator[Step]:
    """Show what is being done on stderr: a bar a step, silent when stderr is not a terminal."""
    with progress() as bar:
        tasks: dict[str, TaskID] = {}

        def step(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield step


def _of_file(
    settings: Config,
    file: Path,
    brand: str,
    aliases: list[str] | None,
    everything: bool,
    assumed: tuple[int, float],
    span: Span,
    step: Step,
) -> Replaying:
    # Heavy: see `backtest`.
    from analyzers.brand_rules import BrandRules
    from tocsin.backtesting import Assumed, replaying_file
    from tocsin.plans import brand_rules, chosen_model, known_accounts

    rules = [rule for rule in brand_rules(settings) if rule.name != brand]
    mine = next((rule for rule in brand_rules(settings) if rule.name == brand), BrandRules(brand))
    return replaying_file(
        file,
        brand,
        [replace(mine, aliases=(*mine.aliases, *(aliases or ()))), *rules],
        span,
        everything=everything,
        assumed=Assumed(*assumed),
        staff=known_accounts(settings).staff,
        model=lambda: chosen_model(settings),
        step=step,
    )


def _settings(config: Path, file: Path | None) -> Config:
    """Read the configuration; a file can be replayed where there is none."""
    return Config() if file and config == DEFAULT_CONFIG and not config.exists() else load(config)


def _named(settings: Config, brand: str | None, file: Path) -> str:
    known = [one.name for one in settings.brands]
    if brand is None and len(known) == 1:
        return known[0]
    if brand is None:
        raise ConfigError(f"{file}: whom is it about? Name one with --brand")
    return next((name for name in known if name.casefold() == brand.casefold()), brand)


def _span(settings: Config, begin: str | None, end: str | None, every: int) -> Span:
    from tocsin.backtesting import Span  # Heavy: see `backtest`

    if 24 % every:
        raise ConfigError(f"--every {every}: must be a part of 24: 1, 2, 3, 4, 6, 8, 12 or 24")
    first, last = (moment(begin) if begin else None), (moment(end) if end else None)
    if first and last and last <= first:
        raise ConfigError("--to must be later than --from")
    return Span(first, last, settings.schedule.time, settings.zone, every)


def _change(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise ConfigError(f"--set {text}: write NAME=VALUE, for example least_voices=8") from error


def _events(path: Path) -> list[Event]:
    """Read a CSV of events: a column date (or time), perhaps name and brand; without a header in this order."""
    from analyzers.backtest_figures import Event  # Heavy: see `backtest`

    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    if not rows:
        raise ConfigError(f"{path}: no events in it")
    header = [cell.casefold() for cell in rows[0]]
    when = next(
        (name for name in ("date", "time", "at", "datetime", "timestamp", "created_at") if name in header), None
    )
    columns = header if when else ["date", "name", "brand"]
    found = []
    for line, row in enumerate(rows[1:] if when else rows, 2 if when else 1):
        cells = dict(zip(columns, row, strict=False))
        text = cells.get(when or "date", "")
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise ConfigError(f"{path}: line {line}: {text!r} is no date; write 2026-11-22 or a time") from error
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        found.append(Event(at, cells.get("name") or cells.get("event") or "", cells.get("brand") or None))
    return found

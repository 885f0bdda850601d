"""`tocsin nightly`, `tocsin schedule`: the main job once, and the clock that starts it every night."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, At, ConfigPath, failures, load, moment
from tocsin.cli.output import err, say, show_json
from tocsin.config import Config
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from tocsin.night_report import NightlyReport

CLOCK = "schedule"
EXIT_FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Register `nightly` and `schedule`."""
    app.command("nightly")(nightly)
    app.command("schedule")(schedule)


def nightly(
    config: ConfigPath = DEFAULT_CONFIG,
    at: At = None,
    for_date: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The date of the digest. Default: today there.")
    ] = None,
    no_crawl: Annotated[bool, typer.Option("--no-crawl", help="Work on what is in the store already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl, tag, detect and deliver the digest, once.

    Safe to repeat: a second run for the same date sends only what was not sent.

    With --at nothing is crawled: the past cannot be. Ctrl-C or SIGTERM finishes the step in hand.
    """
    import scheduler  # pulls in the crawler and the model: too slow for --help
    from tocsin.store.errors import StoreError  # as above

    _log_to_stderr()
    day, now = _day(for_date), moment(at)
    with failures(StoreError), _stopping() as stop:
        done = scheduler.nightly(
            load(config),
            now,
            for_date=day,
            crawling=not no_crawl and at is None,
            stop=stop.is_set,
            report=_tell,
        )
    if as_json:
        show_json(done)
    else:
        _show(done)
    if done.status == "failed":
        raise typer.Exit(EXIT_FAILED)


def schedule(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the main job every night at the configured time, until stopped.

    A night missed while the machine was off is run at the start, once. SIGTERM or Ctrl-C finishes the
    step in hand and stops; a second one stops at once.
    """
    from tocsin.clock import NightClock, utc_now  # APScheduler: too slow for --help
    from tocsin.store.errors import StoreError  # as above
    from tocsin.store.lock import locked  # as above

    _log_to_stderr()
    with failures(StoreError):
        settings = load(config)
        if not settings.brands:
            raise ConfigError(f"{config}: no brand to listen for; add a [[brands]] section")
    with failures(StoreError), locked(settings.store, utc_now(), CLOCK), _stopping() as stop:
        clock = NightClock(
            settings.schedule.time,
            settings.zone,
            run=lambda night: _run_night(settings, night, stop),
            done=lambda: _done(settings),
            heard_since=_clock_started(settings),
        )
        clock.keep(stop)
    err.print("tocsin: stopped", markup=False)


def _run_night(settings: Config, night: date, stop: Event) -> None:
    import scheduler  # pulls in the crawler and the model: too slow for --help

    if not stop.is_set():
        _show_line(scheduler.nightly(settings, datetime.now(UTC), for_date=night, stop=stop.is_set, report=_tell))


def _done(settings: Config) -> set[str]:
    from tocsin.store.database import open_store  # sqlite-utils: too slow for --help
    from tocsin.store.runs import finished_dates  # as above

    with open_store(settings.store) as store:
        return finished_dates(store, "nightly")


def _clock_started(settings: Config) -> datetime | None:
    """Note that the clock was started; return when it, or a nightly run, was first at work here before."""
    from tocsin.store.database import open_store  # sqlite-utils: too slow for --help
    from tocsin.store.looking_back import first_started_at  # as above
    from tocsin.store.runs import finish_run, start_run  # as above

    now = datetime.now(UTC)
    with open_store(settings.store) as store:
        before = first_started_at(store)
        finish_run(store, start_run(store, CLOCK, None, now), "ok", now)
    return before


@contextmanager
def _stopping() -> Iterator[Event]:
    """Yield an event that the first SIGTERM or SIGINT sets; the second one ends the process at once."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def set_stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        err.print("tocsin: stopping after the step in hand; once more stops at once", markup=False)
        stop.set()

    for number in before:
        signal.signal(number, set_stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date; write 2026-11-22") from error


def _tell(step: str, outcome: str | None) -> None:
    err.print(f"tocsin: {step} ..." if outcome is None else f"tocsin: {step}: {outcome}", markup=False)


def _show(done: NightlyReport) -> None:
    _show_line(done)
    for digest in done.digests:
        say(f"  {digest.subject}" + ("" if digest.new else "  (rendered by an earlier run)"))
        for path in digest.paths:
            say(f"    {path}")
    for outcome in done.deliveries.outcomes if done.deliveries else ():
        if not outcome.sent:
            say(f"  not delivered over {outcome.channel}: {outcome.said}")
    if done.deliveries and done.deliveries.given_up:
        say(f"  {done.deliveries.given_up} deliveries are over a week old; `tocsin deliver` sends them still")


def _show_line(done: NightlyReport) -> None:
    nights = f", covers {len(done.nights)} nights" if len(done.nights) > 1 else ""
    found = "quiet" if done.quiet else f"{len(done.episodes)} episode{'s' if len(done.episodes) != 1 else ''} alive"
    say(f"Night of {done.for_date}{nights}: {done.status}, {found}")

"""`tocsin status`, `doctor`, `backup`, `erase`: how things stand, what is wrong, a copy, and forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import say, show_json
from tocsin.config import Config
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from tocsin.operations.doctor import Check
    from tocsin.operations.status import Status


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(status)
    app.command()(doctor)
    app.command()(backup)
    app.command()(erase)


def status(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the last run, what each source gave, open episodes, waiting mails, and what to do next."""
    # The store pulls in sqlite-utils: too slow for --help.
    from tocsin.operations.status import status as status_of
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(StoreError):
        settings = load(config)
        with open_store(settings.store, create=False) as store:
            found = status_of(store, datetime.now(UTC), _silent_after(settings))
    if as_json:
        show_json(found)
        return
    _say_status(found)


def doctor(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check configuration, store, disk, model, mail server and sources; say what to do.

    Exit code 1: something is wrong.
    """
    from tocsin.store.errors import StoreError  # too slow for --help, as in `status`

    with failures(StoreError):
        checks = _checks(load(config), config)
    if as_json:
        show_json(checks)
    else:
        for check in checks:
            say(f"{_MARKS[check.outcome]} {check.name}: {check.found}")
            if check.todo:
                say(f"      {check.todo}")
    if any(check.outcome == "wrong" for check in checks):
        raise typer.Exit(1)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy to write; it must not exist yet.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Copy the store as it is at one moment, also while a run writes."""
    from tocsin.store.backups import backup as copy  # too slow for --help, as in `status`
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(StoreError):
        settings = load(config)
        with open_store(settings.store, create=False) as store:
            copy(store, target)
    if as_json:
        show_json({"store": settings.store, "backup": target, "bytes": target.stat().st_size})
        return
    say(f"{target}: {target.stat().st_size / 1e6:.1f} MB.")
    say(f"To restore it, stop Tocsin and put it in place of {settings.store}.")


def erase(
    config: ConfigPath = DEFAULT_CONFIG,
    author: Annotated[
        str | None,
        typer.Option("--author", metavar="SOURCE:HANDLE", help="Erase one author and never collect them again."),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="DATE", help="Erase posts and digests before this day (YYYY-MM-DD)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase posts for good: text, earlier texts, search index, tags, and digests that quote them."""
    from tocsin.operations import erasing  # too slow for --help, as in `status`
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError
    from tocsin.store.lock import locked

    if (author is None) == (before is None):
        raise typer.BadParameter("name either --author SOURCE:HANDLE or --before DATE")
    with failures(StoreError):
        settings = load(config)
        now = datetime.now(UTC)
        cache = settings.store.with_name(f"{settings.store.stem}.cache")
        with locked(settings.store, now), open_store(settings.store, create=False) as store:
            if author is not None:
                source, handle = _author(author)
                key = settings.pseudonym_key.get_secret_value().encode() if settings.pseudonym_key else None
                _confirm(f"{erasing.count_of_author(store, source, handle, key)} posts of {author}", yes=yes)
                done = erasing.erase_author(
                    store, source, handle, now, key=key, cache=cache, outbox=settings.mail.outbox
                )
            else:
                limit = _day(before or "", settings)
                count = erasing.count_before(store, limit)
                _confirm(f"{count} posts before {limit.isoformat(timespec='minutes')}", yes=yes)
                done = erasing.erase_before(store, limit, cache=cache, outbox=settings.mail.outbox)
    if as_json:
        show_json(done)
        return
    say(f"Erased {done.posts} posts ({done.what}) and {len(done.files)} files of digests.")
    say("Backups made before still hold them: delete those, or make new ones.")


_MARKS = {"ok": "[ok] ", "warning": "[ ! ]", "wrong": "[BAD]"}


def _silent_after(settings: Config) -> dict[str, int]:
    return {s.name: s.silent_after_hours for s in settings.sources if s.enabled and s.kind != "import"}


def _checks(settings: Config, config: Path) -> list[Check]:
    from analyzers.errors import ModelError  # the wings are too slow for --help, as in `status`
    from tocsin.digest.errors import DigestError
    from tocsin.mailing import channels
    from tocsin.operations import doctor as checks
    from tocsin.operations.status import status as status_of
    from tocsin.plans import chosen_model
    from tocsin.store.database import open_store

    crawled = [source for source in settings.sources if source.enabled and source.kind != "import"]
    mail = settings.mail

    def reach() -> None:
        with channels(settings)[mail.channel]:
            pass

    found = [checks.Check("configuration", "ok", str(config))]
    found += checks.check_setup(
        [brand.name for brand in settings.brands],
        [source.name for source in settings.sources if source.enabled],
        [recipient.address for recipient in mail.recipients],
        settings.crawl.contact,
    )
    sound = checks.check_store(settings.store)
    found += [sound, checks.check_disk(settings.store)]
    found.append(checks.check_model(settings.model, lambda: chosen_model(settings).check(), (ConfigError, ModelError)))
    found += _own_version(settings)
    where = f"{mail.smtp.host}:{mail.smtp.port}" if mail.channel == "smtp" else str(mail.outbox)
    found.append(checks.check_mail(mail.channel, where, reach, (DigestError, OSError)))
    found += [checks.check_source(source.name, source.url) for source in crawled]
    if sound.outcome == "ok":
        with open_store(settings.store, create=False) as store:
            now = status_of(store, datetime.now(UTC), _silent_after(settings))
        found += [*checks.check_collection(now), checks.check_clock(now)]
    return found


def _own_version(settings: Config) -> list[Check]:
    from analyzers.errors import ModelError  # too slow for --help, as in `status`
    from tocsin.operations.doctor import Check
    from tocsin.plans import own_version

    try:
        own = own_version(settings)
    except (ConfigError, ModelError):
        return []  # the check of the model says why
    if own is None:
        return []
    used, words = own
    todo = "run `tocsin train --labels` to make one from the same labels, or `tocsin train --discard`"
    return [Check("own version", "ok", words) if used else Check("own version", "warning", words, todo)]


def _author(text: str) -> tuple[str, str]:
    source, colon, handle = text.partition(":")
    if not (colon and source and handle):
        raise typer.BadParameter(f"{text!r}: write SOURCE:HANDLE, for example forum:jo")
    return source, handle


def _day(text: str, settings: Config) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a date; its zone is the configured one)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write 2026-01-31") from error
    return datetime.combine(day, time(), settings.zone).astimezone(UTC)


def _confirm(what: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(f"Erase {what}? This cannot be undone", abort=True, err=True)


def _say_status(found: Status) -> None:
    say(f"Store      {found.store}: {found.posts} posts in {found.threads} threads, {found.size_bytes / 1e6:.1f} MB")
    model = "none yet" if found.model is None else " ".join(found.model)
    say(f"Model      {model}; {found.waiting_for_tags} posts wait for tags")
    run = found.last_run
    if run is None:
        say("Last run   none yet")
    else:
        ended = f", finished {run.finished_at:%Y-%m-%d %H:%M} UTC" if run.finished_at else ", not finished"
        say(
            f"Last run   {run.status} for {run.for_date or 'no date'}, began {run.started_at:%Y-%m-%d %H:%M} UTC{ended}"
        )
        for step, outcome in run.steps.items():
            say(f"             {step}: {outcome}")
    say("Sources" if found.sources else "Sources    none")
    for source in found.sources:
        seen = source.coverage
        last = "never crawled" if seen is None else f"{seen.status}, {seen.new} new of {seen.seen}"
        detail = f": {seen.detail}" if seen is not None and seen.detail else ""
        silent = f"; silent for {source.silent_hours} h" if source.silent_hours is not None else ""
        say(f"             {source.name}: {last}{detail}{silent}")
    for gap in found.gaps:
        missing = "some" if gap.missing is None else gap.missing
        say(f"  gap        {gap.source}: {missing} posts missing: {gap.reason}")
    say(f"Episodes   {len(found.episodes)} open" if found.episodes else "Episodes   none open")
    for episode in found.episodes:
        people = f"{episode.voices.low} voices"
        say(f"             {episode.brand}: {episode.kind}, {episode.state}, level {episode.level}, {people}")
    say(f"Mails      {len(found.pending)} waiting")
    for number, step in enumerate(found.next_steps, 1):
        say(f"{'Next' if number == 1 else '':<11}{number}. {step}")
    if not found.next_steps:
        say("Next       nothing: all is well")

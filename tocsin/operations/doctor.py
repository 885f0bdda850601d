"""What is wrong, and what to do: one check a thing that can break."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tocsin.operations.status import Status, size_of
from tocsin.store.database import open_store
from tocsin.store.errors import StoreError

Outcome = Literal["ok", "warning", "wrong"]
ROOM = 1_000_000_000
"""Bytes that should be free: a night's posts, and the copy that erasing makes of the store."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `todo` is None when there is nothing to do."""

    name: str
    outcome: Outcome
    found: str
    todo: str | None = None


def check_store(path: Path) -> Check:
    """Open the store (which brings its schema up to date) and read all of its pages."""
    if not path.exists():
        return Check("store", "warning", f"{path}: not there yet", "run `tocsin nightly`; it makes the store")
    try:
        with open_store(path, create=False) as store:
            wrong = [row[0] for row in store.rows("PRAGMA quick_check(3)") if row[0] != "ok"]
            journal = [row[0] for row in store.rows("PRAGMA journal_mode")]
            unsearchable = store.number(
                "SELECT (SELECT count(*) FROM posts) - (SELECT count(*) FROM posts_fts_docsize)"
            )
    except StoreError as error:
        return Check("store", "wrong", str(error), "do what the message says")
    if wrong:
        return Check("store", "wrong", f"{path}: {wrong[0]}", "restore a backup: see docs/operating.md")
    if journal != ["wal"]:
        found = f"{path}: readers and a writer cannot work at once here (journal: {journal[0]})"
        return Check("store", "wrong", found, "keep the store on a local disk, not on a network file system")
    if unsearchable:
        found = f"{path}: the search index misses or holds {abs(unsearchable)} posts too many"
        return Check("store", "wrong", found, "another program wrote to the store; restore a backup")
    return Check("store", "ok", f"{path}: {size_of(path) / 1e6:.1f} MB, sound")


def check_disk(path: Path) -> Check:
    """Look at the free space where the store lies."""
    folder = next(place for place in (path.parent, *path.parent.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    needed = max(ROOM, 2 * size_of(path))
    said = f"{folder}: {free / 1e9:.1f} GB free"
    if free < needed:
        return Check("disk", "wrong", said, f"free {(needed - free) / 1e9:.1f} GB, or move `store` to another disk")
    return Check("disk", "ok", said)


def check_model(setting: str, look: Callable[[], None], failures: tuple[type[Exception], ...]) -> Check:
    """Look for what the model `setting` needs; `look` raises one of `failures`, whose text says what to do."""
    try:
        look()
    except failures as error:
        return Check("model", "wrong", str(error), "do what the message says; until then no post gets a tag")
    return Check("model", "ok", setting)


def check_mail(channel: str, where: str, reach: Callable[[], None], failures: tuple[type[Exception], ...]) -> Check:
    """Reach the mail server (or the outbox folder) and log in, sending nothing; `reach` raises one of `failures`."""
    try:
        reach()
    except failures as error:
        return Check("mail", "wrong", str(error), f"set mail.{channel} right; what waits is sent by the next run")
    return Check("mail", "ok", f"{channel}: {where} answers" if channel == "smtp" else f"file: {where}")


def check_source(name: str, url: str | None) -> Check:
    """Look whether the host of a source has an address; nothing is fetched."""
    host = urlsplit(url or "").hostname
    if not host:
        return Check(f"source {name}", "ok", "no address of its own")
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        return Check(
            f"source {name}",
            "wrong",
            f"{host}: {error.strerror or error}",
            f"check the url of the source {name!r} and this machine's network",
        )
    return Check(f"source {name}", "ok", str(url))


def check_collection(status: Status) -> list[Check]:
    """Turn what the last crawls gave into checks."""
    checks = []
    for source in status.sources:
        name = f"crawl of {source.name}"
        seen = source.coverage
        if seen is None:
            checks.append(Check(name, "warning", "never crawled", "run `tocsin nightly`"))
        elif seen.status not in ("ok", "partial"):
            checks.append(Check(name, "wrong", f"{seen.status}: {seen.detail or 'no detail'}", "see docs/sources.md"))
        elif source.silent_hours is not None:
            todo = f"look at the site; if it is quiet by nature, raise silent_after_hours of {source.name!r}"
            checks.append(Check(name, "warning", f"silent for {source.silent_hours} h", todo))
        else:
            checks.append(Check(name, "ok", f"{seen.new} new of {seen.seen} seen"))
    return checks


def check_setup(brands: Sequence[str], sources: Sequence[str], recipients: Sequence[str], contact: str) -> list[Check]:
    """Look whether there is something to listen for, a place to listen in, and someone to tell."""
    todo = 'set crawl.contact = "you@your.company": site owners can then write instead of blocking'
    return [
        _named("brands", brands, "list one under [[brands]]: without a brand nothing is detected"),
        _named("sources", sources, "list one under [[sources]]: without a source nothing is collected"),
        _named("recipients", recipients, "list one under [[mail.recipients]], or read the file outbox", "warning"),
        _named("contact", [contact] if contact else [], todo, "warning"),
    ]


def check_clock(status: Status) -> Check:
    """Look whether anything in the store is later than now: a clock that was wrong, or is."""
    latest: datetime | None = status.last_run.started_at if status.last_run else None
    if latest is not None and latest > status.at:
        todo = "set this machine's clock (timedatectl)"
        return Check("clock", "wrong", f"the last run began at {latest.isoformat(timespec='minutes')}, after now", todo)
    return Check("clock", "ok", status.at.isoformat(timespec="seconds"))


def _named(name: str, found: Sequence[str], todo: str, outcome: Outcome = "wrong") -> Check:
    if found:
        return Check(name, "ok", ", ".join(found))
    return Check(name, outcome, "none", todo)

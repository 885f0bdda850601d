"""Erasing for good: the store, the crawler's memory and the files of digests that quoted what is gone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tocsin.store import retention
from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.times import to_text


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: posts, and files of the outbox that quoted erased posts or are older than the limit."""

    what: str
    posts: int
    files: tuple[str, ...]


def erase_author(
    store: Store, source: str, handle: str, now: datetime, *, key: bytes | None, cache: Path, outbox: Path
) -> Erased:
    """Erase an author of a source (pseudonymised or not), also from `cache` and from files in `outbox`.

    Raises `StoreError` when a place cannot be cleaned; what was erased until then stays erased.
    """
    posts = retention.erase_author(store, source, handle, now=now, pseudonym_key=key)
    emptied = {row["for_date"] for row in store.rows("SELECT for_date FROM digests WHERE text = ?", [retention.ERASED])}
    files = _remove(outbox, lambda day: day.isoformat() in emptied)
    _forget(cache)
    return Erased(f"{source}:{handle}", posts, files)


def erase_before(store: Store, before: datetime, *, cache: Path, outbox: Path) -> Erased:
    """Erase all posts and digests before a moment, also from `cache` and files in `outbox`. Raises `StoreError`."""
    posts = retention.erase_before(store, before)
    files = _remove(outbox, lambda day: day < before.date())
    _forget(cache)
    return Erased(f"before {before.isoformat()}", posts, files)


def count_of_author(store: Store, source: str, handle: str, key: bytes | None) -> int:
    """Return how many posts `erase_author` would take."""
    return retention.count_of_author(store, source, handle, pseudonym_key=key)


def count_before(store: Store, before: datetime) -> int:
    """Return how many posts `erase_before` would take."""
    return store.number("SELECT count(*) FROM posts WHERE created_at < ?", [to_text(before)])


def _remove(outbox: Path, chosen: Callable[[date], bool]) -> tuple[str, ...]:
    removed = []
    if not outbox.is_dir():
        return ()
    for file in sorted(outbox.iterdir()):
        named = re.match(r"(\d{4}-\d\d-\d\d)-.*\.(eml|html)$", file.name)
        if named and chosen(date.fromisoformat(named[1])):
            try:
                file.unlink()
            except OSError as error:
                raise StoreError(f"{file}: cannot be removed: {error.strerror}; remove it by hand") from error
            removed.append(str(file))
    return tuple(removed)


def _forget(cache: Path) -> None:
    if not cache.exists():
        return
    try:
        shutil.rmtree(cache)
    except OSError as error:
        raise StoreError(f"{cache}: cannot be removed: {error.strerror}; remove it by hand") from error

"""Where we listened, and where we were blind: quiet is only worth saying with this beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.digest.facts import Listened
from tocsin.digest.quotes import label
from tocsin.store.records import Coverage, Gap

STALE_CRAWL_H = 36
"""A reading older than this is not tonight's: a nightly rhythm plus half a day of grace."""

_ADVICE = {
    "failed": "the next run tries again; if it stays so, open its address in a browser and run tocsin doctor",
    "refused": "it does not want to be read by us: ask its owner, or remove it from tocsin.toml",
    "timed_out": "raise crawl.minutes or lower the source's budget",
    "off": "give it the secret it names, or remove it from tocsin.toml",
    "partial": "the rest is fetched by the next run",
}
_SAID = {
    "failed": "could not be read",
    "refused": "refused us",
    "timed_out": "was cut off by the time limit",
    "off": "is switched off",
    "partial": "was read in part",
}


@dataclass(frozen=True, slots=True)
class SourceWord:
    """One source in words: `state` is ok, partial or blind; `advice` None when nothing is to be done."""

    name: str
    state: str
    words: str
    advice: str | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """The whole coverage: a summary, every source that is not plainly fine, and known gaps."""

    summary: str
    total: int
    blind: tuple[SourceWord, ...]
    partial: tuple[SourceWord, ...]
    read: tuple[SourceWord, ...]
    gaps: tuple[str, ...]

    @property
    def phrase(self) -> str | None:
        """`blind on 2 of 5 sources`, or None when we were blind nowhere."""
        if not self.blind:
            return None
        return f"blind on {len(self.blind)} of {self.total} source{'s' if self.total != 1 else ''}"


def hearing(sources: Sequence[Listened], gaps: Sequence[Gap], now: datetime, zone: ZoneInfo) -> Hearing:
    """Return what was heard at `now`. Sources that are imports are not listened in and do not belong here."""
    words = [_source(source, now, zone) for source in sources]
    blind = tuple(word for word in words if word.state == "blind")
    partial = tuple(word for word in words if word.state == "partial")
    read = tuple(word for word in words if word.state == "ok")
    return Hearing(_summary(len(words), blind, partial), len(words), blind, partial, read, _gap_words(gaps))


def _source(source: Listened, now: datetime, zone: ZoneInfo) -> SourceWord:
    name, coverage = label(source.name), source.coverage
    if coverage is None:
        return SourceWord(name, "blind", "has not been read yet", "run tocsin nightly", None)
    unread = _unread(coverage, now, zone) or _silence(source, now)
    if unread is not None:
        return SourceWord(name, "blind", *unread, coverage.new)
    if coverage.status != "ok":
        return SourceWord(name, "partial", _said(coverage), _ADVICE[coverage.status], coverage.new)
    words = f"read, {coverage.new} new post{'s' if coverage.new != 1 else ''}"
    return SourceWord(name, "ok", words, None, coverage.new)


def _unread(coverage: Coverage, now: datetime, zone: ZoneInfo) -> tuple[str, str] | None:
    """Return what happened and what to do when the source was not read at all of late."""
    age = now - coverage.finished_at
    if age > timedelta(hours=STALE_CRAWL_H):
        when = coverage.finished_at.astimezone(zone)
        words = f"was last read {_ago(age)} ago ({when:%a} {when.day} {when:%b %H:%M})"
        return words, "see whether tocsin schedule runs"
    if coverage.status in ("failed", "refused", "off"):
        return _said(coverage), _ADVICE[coverage.status]
    return None


def _silence(source: Listened, now: datetime) -> tuple[str, str] | None:
    """Return the words when the source was read but has said nothing for longer than is usual there."""
    if source.newest_post_at is None:
        return "gave no dated post so far", "check its address and its kind"
    silent = now - source.newest_post_at
    if silent <= timedelta(hours=source.silent_after_hours):
        return None
    usual = f"if such pauses are normal there, raise its silent_after_hours ({source.silent_after_hours})"
    return f"silent for {_ago(silent)}", f"look whether it is alive; {usual}"


def _said(coverage: Coverage) -> str:
    detail = f": {label(coverage.detail)}" if coverage.detail else ""
    return _SAID[coverage.status] + detail


def _summary(total: int, blind: Sequence[SourceWord], partial: Sequence[SourceWord]) -> str:
    if total == 0:
        return "No source is crawled: only imported posts are counted."
    if not blind and not partial:
        return "The one source was read." if total == 1 else f"All {total} sources were read."
    parts = []
    if blind:
        parts.append("Blind: " + "; ".join(f"{word.name} {word.words}" for word in blind) + ".")
    if partial:
        parts.append("Read in part: " + ", ".join(word.name for word in partial) + ".")
    fine = total - len(blind) - len(partial)
    if fine:
        parts.append(f"{fine} of {total} sources {'was' if fine == 1 else 'were'} read in full.")
    return " ".join(parts)


def _gap_words(gaps: Sequence[Gap]) -> tuple[str, ...]:
    by_source: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_source.setdefault(gap.source, []).append(gap)
    words = []
    for source, found in sorted(by_source.items()):
        known = sum(gap.missing or 0 for gap in found)
        threads = len({gap.thread_id for gap in found if gap.thread_id})
        what = f"at least {known} posts" if known else "posts"
        where = f" in {threads} thread{'s' if threads != 1 else ''}" if threads else ""
        words.append(f"{label(source)}: {what}{where} are known to be missing ({label(found[0].reason)})")
    return tuple(words)


def _ago(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"

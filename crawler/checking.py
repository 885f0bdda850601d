"""What trying a source once says of it: from what its requests met and the posts they gave, to words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from crawler.plan import SourcePlan
from tocsin.source_kinds import KINDS
from tocsin.store.records import Coverage, SourceKind

NOTES = "probe.json"
"""The file beside the scratch store in which the child leaves what it met."""

SHOWN_ADDRESSES = 3
_FORMS = (("json", "API"), ("xml", "feed"), ("html", "HTML pages"), ("", "files"))
_OWN_LIMITS = ("(sources.budget)", "(crawl.minutes)", "known to be missing in")
"""Words of troubles that only our own small budget makes."""
UNREADABLE = ("failed", "refused", "off")


@dataclass
class Met:
    """What one source's requests met, as the child notes it.

    `asked` holds (address without query, status, content type) of every answer but robots.txt. `robots` is the
    worst status of a robots.txt, None when none was asked for; `crawl_delay` is in seconds, None without one.
    `sitemaps` are those that robots.txt names, `closed` is why a host is left alone.
    """

    source: str
    by_contract: bool = False
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    robots: int | None = None
    crawl_delay: float | None = None
    sitemaps: list[str] = field(default_factory=list)
    next_request_at: str | None = None
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The posts that a try gave, counted: how many, the newest, and of how many each field is not known."""

    posts: int
    newest_post_at: datetime | None
    without: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """One source, tried once. `status` is `ok`, `empty` (it answered, but gave no post), `failed`, `refused` or `off`.

    `missing`: for each field that some post lacks, of how many of the `posts`. `credentials`: for each secret of
    its kind `present`, `missing` or `optional` (missing, but not needed). `next_request_at` None: nothing was asked.
    """

    source: str
    kind: SourceKind
    status: str
    route: str | None
    answered: tuple[str, ...]
    requests: int
    posts: int
    newest_post_at: datetime | None
    missing: Mapping[str, int]
    robots: str
    credentials: Mapping[str, str]
    next_request_at: datetime | None
    detail: str | None


def checked(plan: SourcePlan, coverage: Coverage, met: Met, seen: Seen, *, obey_robots: bool) -> Checked:
    """Return what is to be said of one source."""
    detail = _own_troubles_left_out(coverage.detail)
    status = "ok" if seen.posts else coverage.status if coverage.status in UNREADABLE else "empty"
    return Checked(
        source=plan.name,
        kind=plan.kind,
        status=status,
        route=route_of(met.asked),
        answered=_addresses(met.asked),
        requests=coverage.requests,
        posts=seen.posts,
        newest_post_at=seen.newest_post_at,
        missing={name: count for name, count in seen.without.items() if count},
        robots=robots_words(met, detail, obey_robots=obey_robots),
        credentials=credentials_of(plan),
        next_request_at=datetime.fromisoformat(met.next_request_at) if met.next_request_at else None,
        detail="; ".join(words for words in (met.closed, detail) if words) or None,
    )


def route_of(asked: Sequence[tuple[str, int, str]]) -> str | None:
    """Return by which ways the source answered, `API, feed`; None when it did not."""
    good = [kind for _, status, kind in asked if status < 300 or status == 304]
    found = [next(name for mark, name in _FORMS if mark in kind) for kind in good]
    return ", ".join(dict.fromkeys(found)) or None


def robots_words(met: Met, detail: str | None, *, obey_robots: bool) -> str:
    """Return where the source's robots.txt stands on us."""
    if met.by_contract:
        return "an official API: robots.txt does not speak of it"
    if not obey_robots:
        return "not asked: crawl.obey_robots is false"
    if met.robots is None:
        return "not known: nothing was asked"
    if met.robots >= 500:
        return f"robots.txt answered {met.robots}, which forbids everything (RFC 9309)"
    said = [f"crawl-delay {met.crawl_delay:g} s"] if met.crawl_delay else []
    if detail and "robots.txt forbids" in detail:
        return ", ".join(["forbids what we would read", *said])
    return ", ".join([*(["no robots.txt: everything is allowed"] if met.robots >= 400 else ["allows us"]), *said])


def credentials_of(plan: SourcePlan) -> dict[str, str]:
    """Return for each secret of the source's kind, by name, whether it is there."""
    kind = KINDS[plan.kind]
    return {
        f"TOCSIN_{plan.kind.upper()}__{secret.upper()}": "present"
        if plan.credentials.get(secret)
        else "missing"
        if secret in kind.locked
        else "optional"
        for secret in kind.secrets
    }


def _addresses(asked: Sequence[tuple[str, int, str]]) -> tuple[str, ...]:
    told = dict.fromkeys(f"{urlsplit(url).netloc}{urlsplit(url).path} ({status})" for url, status, _ in asked)
    return tuple(told)[:SHOWN_ADDRESSES]


def _own_troubles_left_out(detail: str | None) -> str | None:
    kept = [words for words in (detail or "").split("; ") if words and not _is_ours(words)]
    return "; ".join(kept) or None


def _is_ours(words: str) -> bool:
    return words == "the next run goes on where it stopped" or any(limit in words for limit in _OWN_LIMITS)

"""From a store or a file to a replay: what is read, which nights are decided about, and under which thresholds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from analyzers.aims import aims
from analyzers.brand_rules import BrandRules
from analyzers.choosing import ModelChoice
from analyzers.episodes import OPENS_WITHIN
from analyzers.given_posts import assumed_quiet, tagged
from analyzers.known_file import KnownFile
from analyzers.known_store import KnownStore
from analyzers.listening import towards_brand
from analyzers.post_arrays import micros
from analyzers.replaying import Known, Replayed, nights_between, replay_nights
from analyzers.thresholds import DEFAULTS, Thresholds
from analyzers.workers import Judges
from tocsin.replay_file import ReplayFile, SpokenOf, read_file, spoken_of
from tocsin.store.database import Store
from tocsin.store.records import JudgedPost
from tocsin.store.thresholds import thresholds_in_force
from tocsin.store.times import from_text

LEAST_A_DAY = 0.5
Staff = Mapping[str, Collection[str]]
Step = Callable[[str, int, int | None], None]
"""Told (what is being done, how much of it is done, how much there is in all or None)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which nights are decided about: from, to (None: as far as there are posts), at what local time, how often."""

    begin: datetime | None = None
    end: datetime | None = None
    at: time = time(6)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    every: int = 24


@dataclass(frozen=True, slots=True)
class Assumed:
    """Quiet that is assumed before a file begins: days of it, and posts a day. None without days."""

    days: int = 0
    a_day: float = 4.0


@dataclass(frozen=True, slots=True)
class Replaying:
    """What is to be replayed for one brand, read and ready. `notes` say in words what a reader must know of it.

    `posts`: posts on the brand; `unnamed`: how many of them have no author.
    """

    brand: str
    known: Known
    nights: tuple[datetime, ...]
    zone: ZoneInfo
    posts: int
    unnamed: int
    usual: Thresholds | Callable[[datetime], Thresholds] = DEFAULTS
    notes: tuple[str, ...] = ()

    def run(self, changes: Mapping[str, float] | None = None, step: Step | None = None) -> Replayed:
        """Replay with the thresholds that were in force, or with some changed. Raises `ThresholdError`."""
        chosen = self._thresholds(changes or {})

        def further(done: int) -> None:
            if step:
                step("replaying", done, len(self.nights))

        found = replay_nights(self.brand, self.known, self.nights, self.zone, chosen, further)
        # What a first decision notes of the time before it was told to nobody.
        since = self.nights[0] - OPENS_WITHIN if self.nights else None
        told = tuple(one for one in found.episodes if since is None or one.first.opened_at > since)
        return replace(found, episodes=told)

    def _thresholds(self, changes: Mapping[str, float]) -> Thresholds | Callable[[datetime], Thresholds]:
        DEFAULTS.changed(changes)  # a wrong name is told before the work begins
        usual = self.usual
        if isinstance(usual, Thresholds):
            return usual.changed(changes)
        return lambda at: usual(at).changed(changes)


def replaying_store(
    store: Store, brand: str, brands: Sequence[str], span: Span, staff: Staff | None = None
) -> Replaying:
    """Read what the nights of `span` need from the store. Raises StoreError.

    `brands`: all that are listened for, since a reply that names another one speaks of that one; `staff`: their
    accounts.
    """
    row = store.row(
        """SELECT min(created_at) AS first, max(created_at) AS last, count(*) AS posts,
             count(*) FILTER (WHERE author_id IS NULL) AS unnamed
           FROM mentions JOIN posts ON posts.id = mentions.post_id WHERE brand = ?""",
        [brand],
    )
    newest = store.row("SELECT max(created_at) AS last FROM posts")
    if row is None or row["first"] is None or newest is None:
        return _nothing(brand, span, ())
    nights = _nights(span, from_text(row["first"]), from_text(newest["last"]))
    return Replaying(
        brand,
        KnownStore(store, tuple(dict.fromkeys((brand, *brands))), nights[0], nights[-1], staff),
        nights,
        span.zone,
        row["posts"],
        row["unnamed"],
        usual=lambda at: DEFAULTS.changed(thresholds_in_force(store, brand, at)),
    )


def replaying_file(
    path: Path,
    brand: str,
    rules: Sequence[BrandRules],
    span: Span,
    *,
    columns: Mapping[str, str] | None = None,
    everything: bool = False,
    assumed: Assumed | None = None,
    staff: Staff | None = None,
    model: Callable[[], ModelChoice],
    step: Step,
) -> Replaying:
    """Read a file, tag what it does not label, and make it ready. Raises `ImportFileError`, `ModelError`."""
    found = read_file(path, _source(path), columns, lambda rows: step("reading", rows, None))
    spoken = spoken_of(found, rules, brand, everything=everything)
    posts = spoken.posts
    if not found.labelled and posts[brand]:
        with Judges(model()) as judges:
            posts = {
                name: tagged(rows, spoken.aliases, judges, lambda done, total: step("tagging", done, total))
                for name, rows in posts.items()
            }
    parted, written = _parted(posts, brand, staff or {}, given=found.labelled), found.written()
    mine = parted[brand]
    notes = _notes(found, spoken, brand, path.name)
    if not mine:
        return _nothing(brand, span, notes)
    nights = _nights(span, mine[0].created_at, mine[-1].created_at)
    unnamed = sum(post.author_id is None for post in mine)
    if assumed and assumed.days:
        made = _assumed_before(mine, brand, assumed)
        parted[brand] = [*made, *mine]
        for post in made:
            written[post.source].append(micros(post.created_at))
        notes = (*notes, f"assumed: {assumed.days} quiet days before the first post, {assumed.a_day:g} posts a day")
    return Replaying(brand, KnownFile(parted, written), nights, span.zone, len(mine), unnamed, notes=notes)


def _parted(
    posts: Mapping[str, Sequence[JudgedPost]], brand: str, staff: Staff, *, given: bool
) -> dict[str, list[JudgedPost]]:
    """Return the posts with the tone that means the brand, as the nightly run does; a given label means it already."""
    if not given:
        return towards_brand(posts, aims(posts, staff))
    mine = {brand: posts[brand]}
    return towards_brand(mine, [replace(aimed, aim="brand") for aimed in aims(mine, staff)])


def _nights(span: Span, first: datetime, last: datetime) -> tuple[datetime, ...]:
    begin = first if span.begin is None else max(span.begin, first)
    end = last if span.end is None else span.end
    return tuple(nights_between(begin, end, span.at, span.zone, span.every)) if end > begin else (end,)


def _nothing(brand: str, span: Span, notes: tuple[str, ...]) -> Replaying:
    return Replaying(brand, KnownFile({brand: ()}, {}), (), span.zone, 0, 0, notes=notes)


def _assumed_before(posts: Sequence[JudgedPost], brand: str, assumed: Assumed) -> list[JudgedPost]:
    """Make up quiet for every source of the file, each its share of the posts, and none silent for over ten days."""
    shares = Counter(post.source for post in posts)
    return [
        post
        for source, count in sorted(shares.items())
        for post in assumed_quiet(
            brand, source, posts[0].created_at, assumed.days, max(LEAST_A_DAY, assumed.a_day * count / len(posts))
        )
    ]


def _source(path: Path) -> str:
    """Return the file's name as that of a source."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.name.partition(".")[0]).strip("-._")[:64] or "file"


def _notes(found: ReplayFile, spoken: SpokenOf, brand: str, name: str) -> tuple[str, ...]:
    notes = []
    if found.bad:
        where = "; ".join(f"line {line}: {reason}" for line, reason in found.bad_lines)
        notes.append(f"{found.bad} of {found.rows} rows of {name} were left out: {where}")
    if spoken.all_taken and found.posts:
        notes.append(f"no post of {name} names {brand}: all {len(found.posts)} are taken to be about it")
    elif found.posts:
        notes.append(f"{spoken.named} of {len(found.posts)} posts of {name} are about {brand}; --all takes every one")
    if found.posts and not found.labelled:
        notes.append("no column `negative`: the model judged the tone")
    if found.anger_unknown:
        notes.append(f"column `hostile`: {found.anger_unknown}, so nothing is known of anger and gate D is open")
    return tuple(notes)

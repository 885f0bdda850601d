"""What the digest is made of: rows as gathered from the store, before anything is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.store.records import BrandRole, Coverage, Episode, EpisodeState, Gap, WorthKind


@dataclass(frozen=True, slots=True)
class EvidencePost:
    """A post that shows an episode. `likes` None: the source does not show them. `author` None: unknown voice."""

    post_id: str
    reason: str
    text: str
    author: str | None
    source: str
    title: str
    created_at: datetime
    url: str | None
    likes: int | None
    sentiment: str | None


@dataclass(frozen=True, slots=True)
class WorthPost:
    """A post to answer, to thank for, or of an account. `towards_us`: `Acme: negative`, joined with ','; None: none."""

    kind: WorthKind
    brand: str
    manner: str | None
    text: str
    author: str | None
    source: str
    title: str
    created_at: datetime
    url: str | None
    towards_us: str | None = None
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A post on the time line. `negative` None: not judged."""

    created_at: datetime
    negative: bool | None


@dataclass(frozen=True, slots=True)
class SaidSo:
    """A wording of an episode's claim, as one post puts it. `author` None: unknown voice. `url` None: no permalink.

    `added`, `lost`: against the wording before, '' for nothing. `posts`: how many say it so.
    """

    said: str
    added: str
    lost: str
    posts: int
    author: str | None
    source: str
    created_at: datetime
    url: str | None


@dataclass(frozen=True, slots=True)
class TalkedAbout:
    """A topic of an episode. `example`: the text of a post on it, None where it is gone; `url` None: no permalink."""

    words: str
    posts: int
    voices: int
    example: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Before:
    """How an episode stood when the last digest was written."""

    state: EpisodeState
    level: int
    voices_low: int


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of talk about one brand. `angry` and `critical`: posts aimed at it in anger, as civil criticism."""

    posts: int = 0
    voices: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    not_judged: int = 0
    angry: int = 0
    critical: int = 0

    @property
    def judged(self) -> int:
        """Posts whose tone counts."""
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True)
class Listened:
    """A source we are meant to listen in. None: nothing dated held yet; never crawled yet."""

    name: str
    silent_after_hours: int
    newest_post_at: datetime | None
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Place:
    """A site that posts on brands point to and that is no source yet.

    `voices` is a lower bound. `brands`: posts by brand. `negative` of `judged` posts are negative towards the brand.
    `pointed_from`: permalink of a post we hold that points there, None without one; the stranger's own link has
    no place in a mail. `kind` None: its addresses do not tell how it could be read.
    """

    site: str
    posts: int
    voices: int
    brands: Mapping[str, int]
    negative: int
    judged: int
    pointed_from: str | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What only the run knows: its dates, failed steps in words, sources too new to count, new places (best first)."""

    nights: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    learning: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one digest is made of.

    `brands` are the audience's, `weeks` those of every brand listened for: (this week, the week
    before). `history_days` is how many days of talk about a brand are held. `snoozed`: episodes that
    readers do not want to be told of, and until when.
    """

    now: datetime
    zone: ZoneInfo
    for_date: str
    brands: tuple[tuple[str, BrandRole], ...]
    episodes: tuple[Episode, ...] = ()
    before: Mapping[str, Before] = field(default_factory=dict)
    evidence: Mapping[str, tuple[EvidencePost, ...]] = field(default_factory=dict)
    talk: Mapping[str, tuple[Moment, ...]] = field(default_factory=dict)
    wordings: Mapping[str, tuple[SaidSo, ...]] = field(default_factory=dict)
    topics: Mapping[str, tuple[TalkedAbout, ...]] = field(default_factory=dict)
    weeks: Mapping[str, tuple[Week, Week]] = field(default_factory=dict)
    sources: tuple[Listened, ...] = ()
    gaps: tuple[Gap, ...] = ()
    history_days: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    occasion: Occasion = Occasion()
    worth: tuple[WorthPost, ...] = ()
    snoozed: tuple[tuple[Episode, datetime], ...] = ()

    @property
    def nights(self) -> tuple[str, ...]:
        """The dates covered: the occasion's, or only its own."""
        return self.occasion.nights or (self.for_date,)

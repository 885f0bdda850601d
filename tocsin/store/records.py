"""The ground room: the nouns of the store as plain frozen records. Imports nothing of ours.

Every time is an aware `datetime` in UTC. Ids are `<source>:<native id>`. `None` always means
"not known" or "not observed", never zero; each field that may be `None` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

SourceKind = Literal[
    "feed",
    "sitemap",
    "wordpress",
    "hackernews",
    "forum",
    "discourse",
    "nodebb",
    "flarum",
    "lemmy",
    "mastodon",
    "bluesky",
    "stackexchange",
    "github",
    "youtube",
    "hyperkitty",
    "mbox",
    "isso",
    "reviews",
    "reddit",
    "x",
    "facebook",
    "instagram",
    "linkedin",
    "import",
]
BrandRole = Literal["own", "competitor", "target"]
EpisodeKind = Literal["backlash", "campaign", "attention", "attention_tone_unknown"]
Aim = Literal["brand", "other_brand", "poster", "nobody", "unknown"]
Manner = Literal["anger", "criticism", "praise"]
WorthKind = Literal["complaint", "advocate", "account"]
EpisodeState = Literal["emerging", "growing", "peaked", "over"]
CoverageStatus = Literal["ok", "partial", "failed", "refused", "timed_out", "off"]
DeliveryState = Literal["pending", "sent", "failed"]

WORTH_FOR = timedelta(days=7)
"""A complaint that is older is no longer worth a personal reply, an older praise is no longer news."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A discussion. `created_at` is None where the source does not say when it began."""

    id: str
    source: str
    title: str
    url: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Engagement:
    """One observation of the public reactions to a post. None: the source does not show that figure."""

    observed_at: datetime
    likes: int | None = None
    dislikes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Reactions:
    """Likes and reposts of a post when it was observed, and the people who had answered it by then."""

    post_id: str
    source: str
    created_at: datetime
    observed_at: datetime
    reactions: int
    answered: int


@dataclass(frozen=True, slots=True)
class AccountFigure:
    """One observation of a public account. None: the source does not show that figure."""

    source: str
    account: str
    observed_at: datetime
    followers: int | None = None
    posts: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One public post as a spider found it.

    `author` is the handle as shown; None is an unknown voice. `parent_id` is None for a post that
    opens a thread or whose parent the source does not tell. `created_at` is None where the source
    gives no date; the store then dates the post by when it was first seen and says so.
    `position` counts from 0 within the thread; None where the order is not known.
    """

    id: str
    source: str
    thread: Thread
    text: str
    created_at: datetime | None
    author: str | None = None
    parent_id: str | None = None
    url: str | None = None
    position: int | None = None
    edited_at: datetime | None = None
    engagement: Engagement | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What one batch did to the store."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Mention:
    """A brand that a post speaks of. `via` is `text`, or `thread` when only the thread's title or opening names it."""

    post_id: str
    brand: str
    alias: str
    via: Literal["text", "thread"]
    score: float | None = None
    """How likely an ambiguous name means this brand, 0..1; None: named without doubt."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What one model version says of a post: probabilities 0..1.

    `abstained` names why the post is not counted (`language`, `low_margin`, `irony`, `empty`), None when it is.
    The probabilities are None only when the post was not put through the model at all.
    """

    post_id: str
    model: str
    model_version: str
    tagged_at: datetime
    language: str | None
    sentiment: str | None
    negative: float | None
    neutral: float | None
    positive: float | None
    hostility: float | None
    pile_on_risk: float | None
    abstained: str | None
    irony: float | None = None
    anger: float | None = None


@dataclass(frozen=True, slots=True)
class TargetTag:
    """What the model says of a post's tone towards one brand that it names. `abstained` as in `Tag`."""

    post_id: str
    brand: str
    model_version: str
    alias: str
    text_key: str
    tagged_at: datetime
    sentiment: str
    negative: float
    neutral: float
    positive: float
    abstained: str | None


@dataclass(frozen=True, slots=True)
class ReplyStance:
    """What the model says a reply does to its parent. The keys tell which two texts were judged."""

    post_id: str
    model_version: str
    text_key: str
    parent_key: str
    tagged_at: datetime
    stance: str
    support: float
    deny: float
    query: float
    comment: float


@dataclass(frozen=True, slots=True)
class Derailment:
    """The model's forecast that a thread will turn, as of its newest post then."""

    thread_id: str
    last_post_id: str
    model_version: str
    last_post_at: datetime
    tagged_at: datetime
    probability: float


@dataclass(frozen=True, slots=True)
class JudgedPost:
    """One row of what the decisions see: a post, its brand mention and its tag, as known by `now`.

    One row a (post, brand). The three tones are towards the brand where the post names it and the model was
    asked so, else the post's own; `tone` is the label that was said, None where it is to be read off the
    likeliest. `negative`, `hostility` and `anger` are None for posts not judged (not sampled, another language);
    `abstained` as in `Tag`. `stance` is None where the post answers none or was not asked about.
    `author_id` None: unknown voice. `likes`, `replies` and `reposts`: the last observation by `now`, None where never
    shown.
    """

    post_id: str
    brand: str
    via: str
    source: str
    thread_id: str
    parent_id: str | None
    author_id: str | None
    created_at: datetime
    first_seen_at: datetime
    text: str
    url: str | None
    negative: float | None
    neutral: float | None
    positive: float | None
    hostility: float | None
    abstained: str | None
    likes: int | None = None
    replies: int | None = None
    author_first_seen_at: datetime | None = None
    stance: str | None = None
    tone: str | None = None
    anger: float | None = None
    reposts: int | None = None
    post_tone: str | None = None
    """The tone of the whole post, whomever it means; None where it was not judged or is too close to call."""


@dataclass(frozen=True, slots=True)
class Aimed:
    """At whom a post on `brand` is aimed, and how. `manner` None: neither angry, critical nor praising, or not judged.

    `staff`: written by an account of some brand itself. Such a post is no voice.
    """

    post_id: str
    brand: str
    aim: Aim
    manner: Manner | None
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Worth:
    """A post that a person should look at: a `complaint` to answer, an `advocate` to thank, an `account`'s words.

    `answered_at` None: no answer by the brand was seen.
    """

    post_id: str
    brand: str
    kind: WorthKind
    noticed_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """Who wrote when in a thread, below which post (None: it opens the thread, or the source does not tell)."""

    thread_id: str
    parent_id: str | None
    author_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadRisk:
    """How likely a thread is to meet the pile-on outcome within 72 h, for one brand, at one moment.

    `parts` maps a part's name to its observed value, None where it could not be observed;
    `contributions` maps it to what it added to the log-odds.
    """

    thread_id: str
    brand: str
    at: datetime
    age_hours: float
    probability: float
    parts: Mapping[str, float | None]
    contributions: Mapping[str, float]
    model_version: str


@dataclass(frozen=True, slots=True)
class ThreadOutcome:
    """What became of a thread after a forecast about it: `met` when it was a pile-on within 72 h after `at`.

    `parts` as in `ThreadRisk`, recomputed from what was seen by `at`.
    """

    thread_id: str
    brand: str
    at: datetime
    age_hours: float
    met: bool
    parts: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Voices:
    """`posts` posts in `wordings` wordings, by `low` to `high` people (unknown authors: one, or each another)."""

    posts: int
    low: int
    high: int
    wordings: int
    top5_share: float
    campaign: str | None = None
    """Names a copy-paste or few-author campaign in words for the reader, None when there is none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that shows an episode, and why it was chosen. `rank` counts from 1."""

    post_id: str
    rank: int
    reason: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One backlash (or burst of attention) against one brand, from emerging to over, as seen at `at`.

    `id` is stable over the life of the episode. `severity_days`: return period, "not seen in N
    days", capped at the history held. `level` is 0 below 7 days, then 1, 2, 3 at 7, 30, 120 days.
    `parts` are the gates and their figures. `peaked_at` and `over_at` are None until it has.
    """

    id: str
    brand: str
    kind: EpisodeKind
    state: EpisodeState
    at: datetime
    onset_at: datetime
    opened_at: datetime
    peaked_at: datetime | None
    over_at: datetime | None
    level: int
    severity_days: float
    window_hours: int
    voices: Voices
    risk: float | None
    parts: Mapping[str, float | int | str | None]
    threads: tuple[str, ...]
    sources: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source gave in one run, and where we were blind.

    `detail` says in words what went wrong and what to do, None when nothing did.
    `newest_post_at` is None when the source gave no dated post.
    """

    source: str
    status: CoverageStatus
    started_at: datetime
    finished_at: datetime
    requests: int = 0
    seen: int = 0
    new: int = 0
    changed: int = 0
    dropped: int = 0
    newest_post_at: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Posts known to be missing. `missing` is None when their number is not known."""

    source: str
    thread_id: str | None
    noticed_at: datetime
    missing: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One rendered mail for one audience (the set of brands it speaks of), for one local date `YYYY-MM-DD`."""

    id: str
    for_date: str
    audience: str
    created_at: datetime
    subject: str
    html: str
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest to one recipient over one channel. `sent_at` is None until it was taken."""

    id: int
    digest_id: str
    channel: str
    recipient: str
    state: DeliveryState
    attempts: int
    last_error: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the main job. `finished_at` is None while it runs or when it was killed."""

    id: int
    kind: str
    for_date: str | None
    started_at: datetime
    finished_at: datetime | None
    status: str
    steps: Mapping[str, str] = field(default_factory=dict)

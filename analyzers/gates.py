"""The gates that make an episode, at one moment: A surprise, B size, C tone, D anger (DESIGN, "How it decides").

What they count: `analyzers.counting`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzers.anger import Anger, anger_in, is_anger
from analyzers.baseline import Level, more_negative, return_period
from analyzers.copies_heard import CAMPAIGN_HOURS, copies_in, pasted_places, repeated_places
from analyzers.counting import Count, carrying_threads, count_at, share, usual_level, usual_tone
from analyzers.listening import WINDOWS, Listening
from analyzers.thresholds import Thresholds
from tocsin.store.records import EpisodeKind

NOTED_DAYS = 60.0
"""Attention found in history is noted, not told to anybody: it may be more ordinary."""
JUDGED_SHARE = 0.5
"""Below this share of judged voices the tone of a burst is unknown."""
TAGGED_BASELINE = 0.6
"""The usual weeks must be judged at least so far as the window is, else a half-tagged past looks like peace."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of one window. `voices` are those that count, `expected` what is usual.

    `angrier` is gate C's probability, None where too little is judged. `accounts` counts also the
    accounts that paste, `posts` and `threads` are the window's (places in the listening, ids).
    """

    kind: EpisodeKind
    window: int
    voices: int
    accounts: int
    expected: float
    dispersion: float
    return_days: float
    negative_share: float | None
    usual_share: float | None
    angrier: float | None
    judged_share: float
    posts: tuple[int, ...]
    threads: tuple[str, ...]
    anger: Anger | None = None


def is_loud(listening: Listening, place: int, measure: str) -> bool:
    """Gate B alone, at a point of the listening: five voices and 2.5 times the usual in the last 24 h.

    The 6 h window is left out: in a quiet night five voices are many times the usual, and nothing would ever be over.
    """
    window = max(WINDOWS)
    if int(listening.counts[measure, window][place]) < listening.thresholds.least_voices:
        return False
    expected = usual_level(listening, place, measure, window).expected
    return _is_big(int(listening.counts[measure, window][place]), expected, listening.thresholds)


def backlash(listening: Listening, place: int) -> Verdict | None:
    """Return the verdict on negative voices when gates A to D are passed, in the window that passes best."""
    found = [verdict for window in WINDOWS if (verdict := _backlash_in(listening, place, window)) is not None]
    return max(found, key=lambda verdict: verdict.return_days, default=None)


def attention(
    listening: Listening, place: int, muted: frozenset[str] = frozenset(), days: float | None = None
) -> Verdict | None:
    """Return the verdict on all voices when gates A and B are passed without gate C (`days` in place of the threshold).

    `muted` threads belong to an open backlash and explain themselves.
    """
    least = listening.thresholds.attention_days if days is None else days
    windows = (_attention_in(listening, place, window, muted, least) for window in WINDOWS)
    found = [verdict for verdict in windows if verdict is not None]
    return max(found, key=lambda verdict: verdict.return_days, default=None)


def campaign(listening: Listening, place: int, muted: frozenset[str] = frozenset()) -> Verdict | None:
    """Return a verdict when ten posts of the last 72 h are organised copies, one of them of the last 24 h at least.

    What is organised: `analyzers.copies`. `muted` threads belong to an open backlash, which says that it is copied.
    """
    point, window = float(listening.points[place]), max(WINDOWS)
    repeated = repeated_places(listening, listening.places(point - CAMPAIGN_HOURS, point))
    places = [at for at in repeated if listening.posts[at].thread_id not in muted]
    if len(places) < listening.thresholds.campaign_posts:
        return None
    pasted = pasted_places(listening, places)
    if len(pasted) < listening.thresholds.campaign_posts or listening.times[pasted[-1]] <= point - window:
        return None
    count = count_at(listening, pasted, {})
    level = usual_level(listening, place, "all", window)
    return Verdict(
        kind="campaign",
        window=window,
        voices=count.voices,
        accounts=count.accounts,
        expected=level.expected,
        dispersion=level.dispersion,
        return_days=return_period(count.voices, level, window),
        negative_share=None,
        usual_share=None,
        angrier=None,
        judged_share=share(len([at for at in pasted if listening.judged[at]]), len(pasted)),
        posts=pasted,
        threads=tuple(thread for thread, _ in Counter(listening.posts[at].thread_id for at in pasted).most_common()),
    )


def _backlash_in(listening: Listening, place: int, window: int) -> Verdict | None:
    limits = listening.thresholds
    if int(listening.counts["negative", window][place]) < limits.least_voices:
        return None
    level = usual_level(listening, place, "negative", window)
    if not _passes(int(listening.counts["negative", window][place]), level, window, limits, limits.surprise_days):
        return None
    point = float(listening.points[place])
    fighters = listening.fighters(point)
    heard = listening.places(point - window, point)
    count = count_at(listening, [at for at in heard if listening.negative[at]], fighters)
    if not _passes(count.voices, level, window, limits, limits.surprise_days):
        return None
    verdict = _verdict("backlash", listening, place, window, count, level, heard, fighters)
    angrier = verdict.angrier is not None and verdict.angrier >= limits.angrier
    return verdict if angrier and is_anger(verdict.anger, limits) else None


def _attention_in(listening: Listening, place: int, window: int, muted: frozenset[str], days: float) -> Verdict | None:
    point, limits = float(listening.points[place]), listening.thresholds
    for measure in ("all", "negative"):
        heard_of = int(listening.counts[measure, window][place])
        if heard_of < max(limits.least_attention, limits.least_voices):
            continue
        level = usual_level(listening, place, measure, window)
        if not _passes(heard_of, level, window, limits, days):
            continue
        fighters = listening.fighters(point)
        heard = [at for at in listening.places(point - window, point) if listening.posts[at].thread_id not in muted]
        counted = heard if measure == "all" else [at for at in heard if listening.negative[at]]
        # Accounts that organise a text are a campaign, not attention.
        pasted = {at for text in copies_in(listening, counted) if text.organised for at in text.places}
        count = count_at(listening, [at for at in counted if at not in pasted], fighters)
        if count.accounts < limits.least_attention or not _passes(count.accounts, level, window, limits, days):
            continue
        return _verdict("attention", listening, place, window, count, level, heard, fighters)
    return None


def _verdict(
    kind: EpisodeKind,
    listening: Listening,
    place: int,
    window: int,
    count: Count,
    level: Level,
    heard: Sequence[int],
    fighters: Mapping[str, frozenset[str]],
) -> Verdict:
    everybody = count_at(listening, heard, fighters)
    judged = count_at(listening, [at for at in heard if listening.judged[at]], fighters)
    negative = count_at(listening, [at for at in heard if listening.negative[at]], fighters)
    judged_share = share(judged.accounts, everybody.accounts)
    angry = count_at(listening, [at for at in heard if listening.angry[at]], fighters)
    known_heat = count_at(listening, [at for at in heard if listening.heard_heat[at]], fighters)
    tone, usually_judged = usual_tone(listening, place, window)
    known = judged_share >= JUDGED_SHARE and usually_judged >= TAGGED_BASELINE * judged_share
    if kind == "attention" and not known:
        kind = "attention_tone_unknown"
    return Verdict(
        kind=kind,
        window=window,
        voices=count.voices,
        accounts=count.accounts,
        expected=level.expected,
        dispersion=level.dispersion,
        return_days=return_period(count.voices, level, window),
        negative_share=share(negative.voices, judged.voices) if judged.voices else None,
        usual_share=tone.share if tone.judged else None,
        angrier=more_negative(negative.voices, judged.voices, tone) if known else None,
        judged_share=judged_share,
        posts=count.places,
        threads=carrying_threads(listening, count.places),
        anger=anger_in(
            listening,
            place,
            window,
            angry=angry.voices,
            known=known_heat.voices,
            negative=negative.voices,
            judged=judged.voices,
        ),
    )


def _passes(voices: int, level: Level, window: int, limits: Thresholds, days: float) -> bool:
    return _is_big(voices, level.expected, limits) and return_period(voices, level, window) >= days


def _is_big(voices: int, expected: float, limits: Thresholds) -> bool:
    return voices >= limits.least_voices and voices >= limits.times_usual * expected

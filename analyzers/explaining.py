"""The arithmetic behind an episode, a thread's risk or a post's tags, step by step, recomputed where it can be.

Pure: rows of the store in, steps out. What was rounded when it was stored is recomputed from the rounded figures,
and both are shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analyzers.baseline import SCAN, Level, return_period, tail
from analyzers.courses import LEVELS, level_of
from analyzers.post_risk import HOSTILE, SHIFT, SLOPE, USUAL_HOSTILITY
from analyzers.thresholds import Thresholds
from tocsin.store.records import Episode

Row = Mapping[str, Any]
Parts = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic: what is asked, how it was worked out, and what came out."""

    name: str
    working: str
    result: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something was judged so. `steps` in the order in which they were taken."""

    kind: Literal["episode", "thread", "post"]
    id: str
    headline: str
    steps: tuple[Step, ...]


def explain_episode(episode: Episode, limits: Thresholds) -> Explanation:
    """Return the gates of `episode` with the figures of its most surprising window, held against `limits`."""
    parts = episode.parts
    steps = [*_surprise(episode, limits), *_tone(parts, limits), *_severity(episode)]
    voices = episode.voices
    known = f"{voices.low}" if voices.low == voices.high else f"{voices.low} to {voices.high}"
    steps.append(
        Step(
            "Voices",
            f"{voices.posts} posts; unknown authors count as one person, or as one each",
            f"{known} people, {voices.wordings} wordings, the top 5 wrote {100 * voices.top5_share:.0f} %",
        )
    )
    if episode.risk is not None:
        steps.append(Step("Thread risk", "the highest of its threads (tocsin explain THREAD)", f"{episode.risk:.3f}"))
    told = {"voices", "accounts", "expected_voices", "dispersion", "times_usual", "return_days", "negative_share",
            "usual_negative_share", "angrier_probability", "anger_probability"}  # fmt: skip
    steps += [Step(name, "as stored in parts", str(value)) for name, value in parts.items() if name not in told]
    return Explanation(
        "episode", episode.id, f"{episode.brand}: {episode.kind.replace('_', ' ')}, {episode.state}", tuple(steps)
    )


def _surprise(episode: Episode, limits: Thresholds) -> list[Step]:
    voices, expected, dispersion = (_number(episode.parts, n) for n in ("voices", "expected_voices", "dispersion"))
    if voices is None or expected is None or dispersion is None:
        return [Step("A surprise", "its figures were not stored", "unknown")]
    level, count, window = Level(expected, dispersion), int(voices), episode.window_hours
    days = limits.surprise_days if episode.kind == "backlash" else limits.attention_days
    stored = _number(episode.parts, "return_days")
    return [
        Step(
            "A surprise",
            f"window / (24 x {SCAN:g} x P(X >= {count})) = {window} / (24 x {SCAN:g} x {tail(count, level):.2e}); X"
            f" negative binomial, mean {expected:g}, dispersion {dispersion:g}; at least {days:g} days asked",
            f"{min(return_period(count, level, window), 36_500):.0f} days from the rounded figures, {stored} stored",
        ),
        Step(
            "B size",
            f"{count} voices in {window} h >= {limits.least_voices:g}, and >= {limits.times_usual:g} x {expected:g}"
            f" = {limits.times_usual * expected:.1f}",
            f"{count / max(expected, 1e-9):.1f} times the usual",
        ),
    ]


def _tone(parts: Parts, limits: Thresholds) -> list[Step]:
    share, usual, sure = (_number(parts, n) for n in ("negative_share", "usual_negative_share", "angrier_probability"))
    steps = []
    if share is not None and usual is not None:
        steps.append(
            Step(
                "C tone",
                f"P(negative share > usual share): {share:.3f} of the judged voices now, {usual:.3f} usually, both"
                f" beta-distributed; at least {limits.angrier:g} asked",
                "too little judged" if sure is None else f"{sure:.4f}",
            )
        )
    angry, civil, certain = (_number(parts, n) for n in ("angry_voices", "civil_voices", "anger_probability"))
    if angry is not None and civil is not None:
        steps.append(
            Step(
                "D anger",
                f"{angry:.0f} angry voices, {civil:.0f} civil; usually {_number(parts, 'expected_angry_voices')} angry",
                "not known" if certain is None else f"P(angry share > usual share) = {certain:.4f}",
            )
        )
    return steps


def _severity(episode: Episode) -> list[Step]:
    bounds = ", ".join(f"{days:g}" for days in LEVELS)
    return [
        Step(
            "Severity",
            "the return period, at most the days of history held when it was decided",
            f"not seen in {episode.severity_days:g} days",
        ),
        Step("Level", f"how many of {bounds} days it reaches", f"{level_of(episode.severity_days)} of 3"),
    ]


def explain_thread(thread: Row, risks: Sequence[Row]) -> Explanation:
    """Return the newest risk of a thread for each brand as a sum of log-odds."""
    steps: list[Step] = []
    for row in risks:
        parts, added = json.loads(row["parts"]), json.loads(row["contributions"])
        chance = float(row["probability"])
        total = _log_odds(chance)
        start = total - sum(added.values())
        steps.append(
            Step(
                f"{row['brand']}",
                f"as of {row['at'][:16]} UTC, {row['age_hours']:.1f} h old, weights {row['model_version']}",
                f"{chance:.4f}",
            )
        )
        steps.append(Step("start", "log-odds before anything is known of it", f"{start:+.3f}"))
        for name, value in sorted(parts.items(), key=lambda item: -abs(added.get(item[0], 0.0))):
            told = "not observed, adds nothing" if value is None else f"observed {value:g}"
            steps.append(Step(name, told, "" if value is None else f"{added.get(name, 0.0):+.3f}"))
        steps.append(Step("sum", f"1 / (1 + exp(-{total:.3f}))", f"{1 / (1 + math.exp(-total)):.4f}"))
    if not steps:
        steps.append(Step("risk", "no brand is spoken of in it, or nobody wrote in it for 72 h", "not scored"))
    headline = f"{thread['title'] or thread['id']}: {thread['posts']} posts by {thread['voices']} people"
    return Explanation("thread", str(thread["id"]), headline, tuple(steps))


def explain_post(post: Row, brands: Sequence[Row], shown: Sequence[Row]) -> Explanation:
    """Return what the model said of a post, whom it speaks of, at whom it is aimed and which episodes it shows."""
    steps = [
        Step("Thread", str(post["title"] or "no title"), str(post["thread_id"])),
        Step("Written", f"seen first {post['first_seen_at'][:16]} UTC", _written(post)),
        *_tags(post),
        *(step for row in brands for step in _towards(row)),
        *(Step("Evidence", f"number {row['rank']} of {row['episode_id']}", str(row["reason"])) for row in shown),
    ]
    if not brands:
        steps.append(Step("Brands", "no brand's name, handle or site is in it or in its thread's title", "none"))
    who = post["handle"] or "unknown author"
    return Explanation(
        "post", str(post["id"]), f"{who} on {post['source']}, {post['created_at'][:16]} UTC", tuple(steps)
    )


def _written(post: Row) -> str:
    dated = "dated by the source" if post["dated"] else "dated by when it was first seen"
    edited = f", edited {post['edited_at'][:16]}" if post["edited_at"] else ""
    gone = f", gone there since {post['gone_at'][:16]}" if post["gone_at"] else ""
    return dated + edited + gone


def _tags(post: Row) -> list[Step]:
    if post["model_version"] is None:
        return [
            Step("Tone", "the current model has not judged it (not in a brand's thread, nor sampled)", "not judged")
        ]
    steps = []
    if post["negative"] is not None:
        spread = f"negative {post['negative']:.3f}, neutral {post['neutral']:.3f}, positive {post['positive']:.3f}"
        steps.append(Step("Tone", f"{spread}; model {post['model_version']}", str(post["sentiment"])))
    if post["abstained"]:
        steps.append(Step("Not counted", "the model abstained", str(post["abstained"])))
    heads = [name for name in ("hostility", "anger", "irony") if post[name] is not None]
    steps += [Step(name.capitalize(), "probability", f"{post[name]:.3f}") for name in heads]
    if post["stance"]:
        steps.append(Step("Reply stance", "what it does to the post it answers", str(post["stance"])))
    if post["pile_on_risk"] is not None and post["hostility"] is not None:
        chance, heat = float(post["pile_on_risk"]), float(post["hostility"])
        shift = SHIFT + HOSTILE * (heat - USUAL_HOSTILITY)
        thread = (_log_odds(chance) - shift) / SLOPE
        steps.append(
            Step(
                "Pile-on risk",
                f"1 / (1 + exp(-({SHIFT:g} + {SLOPE:g} x t + {HOSTILE:g} x (hostility - {USUAL_HOSTILITY:g})))), t ="
                f" {thread:.2f}: log-odds of its thread at that moment",
                f"{chance:.4f}",
            )
        )
    return steps


def _towards(row: Row) -> list[Step]:
    named = "its thread names it" if row["via"] == "thread" else f"named as {row['alias']!r}"
    score = "" if row["score"] is None else f", surely this brand with {row['score']:.2f}"
    tone = row["sentiment"] or "not judged"
    asked = "asked towards the brand" if row["judged_as"] == "target" else "the post's own tone"
    steps = [Step(f"{row['brand']}", f"{named}{score}; tone: {asked}", f"{row['abstained'] or tone}")]
    if row["aim"]:
        staff = "; written by the brand itself" if row["staff"] else ""
        steps.append(Step("Aimed at", f"manner: {row['manner'] or 'none'}{staff}", str(row["aim"])))
    return steps


def _number(parts: Parts, name: str) -> float | None:
    value = parts.get(name)
    return float(value) if isinstance(value, int | float) else None


def _log_odds(chance: float) -> float:
    held = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(held / (1 - held))

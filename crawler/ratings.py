"""Star ratings as words. Pure.

The store has no column for them: a rating is what its author said, so it stands in front of the text, as
"[2 of 5] Never again". A rating without words is a voice too, and would be lost otherwise.
"""

from __future__ import annotations

import re

FIVE = 5.0
_OF = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:/|of|out of|von|sur|de)\s*(\d+(?:[.,]\d+)?)\b", re.IGNORECASE)
_PLAIN = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:stars?|sterne?|%)?\s*$", re.IGNORECASE)
_STARS = re.compile(r"^\s*(★+)(½?)(☆*)\s*$")


def rating_of(value: object, best: object = None) -> tuple[float, float] | None:
    """Return (rating, highest possible) as a cell or property tells: 2, "2.5", "4/10", "3 out of 5", "★★☆☆☆".

    `best` is the highest possible where `value` does not say; without it five. None for what is no rating.
    """
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if stars := _STARS.match(text):
        return len(stars[1]) + (0.5 if stars[2] else 0.0), max(float(len(stars[1]) + len(stars[3])), FIVE)
    if told := _OF.match(text):
        return _sound(_number(told[1]), _number(told[2]))
    plain = _PLAIN.match(text)
    top = _PLAIN.match(str(best)) if best is not None else None
    return _sound(_number(plain[1]), _number(top[1]) if top else FIVE) if plain else None


def rated(text: str, rating: tuple[float, float] | None) -> str:
    """Return a review's text with its rating in front."""
    if rating is None:
        return text
    return f"[{rating[0]:g} of {rating[1]:g}] {text}".rstrip()


def _sound(value: float, best: float) -> tuple[float, float] | None:
    return (value, best) if 0 <= value <= best and 0 < best <= 1_000 else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))

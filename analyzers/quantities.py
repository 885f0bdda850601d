"""Numbers as people write them, in digits and in words, with what they count: `10 %`, `forty percent`, `29 euros`.

Multiples and shares are one dimension ("40 %", "doubled", "half"), so that a price that rises by 40 % in one post and
doubles in the next is seen to have changed; so are lengths of time, and amounts of money.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from analyzers.stop_words import STOP_WORDS, stem

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: float(value) for value, word in enumerate(_ONES.split())}
_WORDS |= {word: 10.0 * (place + 2) for place, word in enumerate(_TENS.split())}
_WORDS |= {"fourty": 40.0, "dozen": 12.0}
_TIMES_TEN = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "k": 1e3,
    "m": 1e6,
    "mio": 1e6,
    "bn": 1e9,
}
_MULTIPLES = {"double": 2.0, "twice": 2.0, "triple": 3.0, "thrice": 3.0, "treble": 3.0, "quadruple": 4.0, "halve": 0.5}
_MULTIPLES = {stem(word): value for word, value in _MULTIPLES.items()}
_UNITS = {
    **dict.fromkeys(("%", "percent", "pct", "procent"), ("share", "%")),
    **dict.fromkeys(("x", "times", "fold"), ("share", "x")),
    **dict.fromkeys(("\u20ac", "euro", "eur"), ("money", "euro")),
    **dict.fromkeys(("$", "dollar", "usd", "buck"), ("money", "dollar")),
    **dict.fromkeys(("\u00a3", "pound", "gbp", "quid"), ("money", "pound")),
    **dict.fromkeys(("cent",), ("money", "cent")),
    **dict.fromkeys(("second", "sec"), ("time", "second")),
    **dict.fromkeys(("minute", "min"), ("time", "minute")),
    **dict.fromkeys(("hour", "hr", "h"), ("time", "hour")),
    **{word: ("time", word) for word in ("day", "week", "month", "year")},
    **dict.fromkeys(("kb", "mb", "gb", "tb"), ("size", "byte")),
}
_TO_UNIT = {stem(word): unit for word, unit in _UNITS.items()} | _UNITS
_DIGITS = r"\d{1,3}(?:[.,'\u00a0\u202f]\d{3})+(?![.,]?\d)|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(
    rf"(?P<skip>\b\d+(?:[.:/]\d+){{2,}}|\b\d{{1,2}}:\d\d\b|\b[a-z]+-?\d[\w.-]*|\#\d+|\bv\d[\d.]*)"
    rf"|(?P<number>{_DIGITS})|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)|(?P<sign>[%\u20ac$\u00a3])",
    re.IGNORECASE,
)
_AHEAD = 3
_RANGE = frozenset({"to", "-", "\u2013", "and", "or"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` of `dimension` (`share`, `money`, `time`, `size`, or the stem of what is counted), as `unit`.

    `said`: the words; `start`, `end`: where they stand in the text; `counted`: whether the dimension is such a noun.
    """

    value: float
    dimension: str
    unit: str
    said: str
    start: int
    end: int
    counted: bool = False


def quantities(text: str) -> list[Quantity]:
    """Return the quantities in `text`, in order; versions, times of day, and names with digits are none."""
    tokens = list(_TOKEN.finditer(text))
    found: list[Quantity] = []
    place = 0
    while place < len(tokens):
        value, after = _number(tokens, place)
        if value is None:
            said = _multiple(tokens[place])
            if said is not None:
                found.append(said)
            place += 1
            continue
        quantity = _measured(text, tokens, place, after, value)
        if quantity is not None:
            found.append(quantity)
        place = after
    return _ranged(text, found)


def _number(tokens: list[re.Match[str]], place: int) -> tuple[float | None, int]:
    """Return the number that starts at `place`, None for none, and the place after it."""
    token = tokens[place]
    if token["number"]:
        value, place = _read(token["number"]), place + 1
    else:
        word = (token["word"] or "").casefold()
        if word not in _WORDS:
            return None, place
        value, place = _WORDS[word], place + 1
        if value >= 20 and place < len(tokens) and 0 < _WORDS.get((tokens[place]["word"] or "").casefold(), 0) < 10:
            value, place = value + _WORDS[tokens[place]["word"].casefold()], place + 1
    while place < len(tokens) and (ten := _TIMES_TEN.get((tokens[place]["word"] or "").casefold())):
        if len(tokens[place].group()) == 1 and tokens[place].start() != tokens[place - 1].end():
            break  # "40 m" may be metres
        value, place = value * ten, place + 1
    return value, place


def _read(digits: str) -> float:
    """Read digits: a separator before exactly three digits parts thousands, any other the decimals."""
    parts = re.split(r"[.,'\u00a0\u202f]", digits)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] != "0":
        return float("".join(parts))
    return float(".".join(parts))


def _measured(text: str, tokens: list[re.Match[str]], place: int, after: int, value: float) -> Quantity | None:
    """Return the number of the tokens [place, after) with its unit, None where it counts nothing."""
    start, end = tokens[place].start(), tokens[after - 1].end()
    before = tokens[place - 1] if place else None
    if before is not None and before["sign"] and before.group() != "%":
        dimension, unit = _UNITS[before.group()]
        return Quantity(value, dimension, unit, text[before.start() : end], before.start(), end)
    ahead = tokens[after : after + _AHEAD]
    if len(ahead) > 1 and ahead[0].group().casefold() == "per" and ahead[1].group().casefold() == "cent":
        return Quantity(value, "share", "%", text[start : ahead[1].end()], start, ahead[1].end())
    spelt = not tokens[place]["number"]
    for token in ahead:
        said = token.group().casefold()
        known = _TO_UNIT.get(said) or _TO_UNIT.get(stem(said))
        if known is not None:
            return Quantity(value, *known, text[start : token.end()], start, token.end())
        if value == 1 and spelt:
            return None  # "the new one", "one of them"
        if token["word"] and said not in STOP_WORDS and said not in _WORDS:
            noun = stem(said)
            return Quantity(value, noun, noun, text[start : token.end()], start, token.end(), counted=True)
        if not token["word"]:
            break
    return None if spelt else Quantity(value, "number", "", text[start:end], start, end)


def _multiple(token: re.Match[str]) -> Quantity | None:
    word = (token["word"] or "").casefold()
    if (value := _MULTIPLES.get(stem(word))) is not None:
        return Quantity(value, "share", "x", token.group(), token.start(), token.end())
    if word == "half":
        return Quantity(50.0, "share", "%", token.group(), token.start(), token.end())
    return None


def _ranged(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give the first number of a range the unit of the second: `from 21 to 29 euros`."""
    for place in range(len(found) - 2, -1, -1):
        one, other = found[place], found[place + 1]
        if one.dimension == "number" and text[one.end : other.start].strip().casefold() in _RANGE:
            found[place] = replace(one, dimension=other.dimension, unit=other.unit, counted=other.counted)
    return found

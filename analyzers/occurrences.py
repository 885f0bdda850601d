"""Where an ambiguous name stands: the words on both sides of it, how it is written, and what else is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzers import neighbours as near
from analyzers.common_words import CALENDAR
from analyzers.passages import Passage, Token

_JOINTS = frozenset("./\\_-")
LISTING = frozenset({",", "/", "&", "and", "or", "und", "oder", "et", "ou", "y", "o", "e"})
_GENITIVE_REACH = 3


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in a text where an ambiguous name stands: `start` to `end`, and how it was written."""

    passage: Passage
    start: int
    end: int
    name: str
    shape: str
    """`word`, `s`, `genitive`, `compound` or `hashtag`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands elsewhere: counts of hint words here and in the title or opening, and what else is known."""

    hints: int = 0
    near_hints: int = 0
    context: bool = False
    companies: frozenset[str] = frozenset()
    """Lower-case first words of the other brands listened for that are surely named in the text."""
    thread: bool = False
    """The title, the opening or an earlier post of the thread surely names the brand."""


@dataclass(frozen=True, slots=True)
class Place:
    """The name in its sentence: the words and marks on both sides, and how it is written."""

    found: Occurrence
    setting: Setting
    left: Sequence[Token]
    right: Sequence[Token]
    capital: bool
    day: bool
    product: bool
    """Whether a product word stands behind it."""

    @property
    def first(self) -> bool:
        """Whether it is the first word of its sentence."""
        return not any(token.word for token in self.left)

    @property
    def dealt_with(self) -> bool:
        """Whether a verb of using or a preposition stands right before it."""
        last = self.left[-1].lower if self.left else ""
        return last == "to" or last in near.USING or last in near.MEDIUM or last in near.VERSUS

    @property
    def determined(self) -> bool:
        """Whether an article stands right before it."""
        return bool(self.left) and self.left[-1].lower in near.ARTICLES | near.DEFINITE


def place_of(found: Occurrence, setting: Setting) -> Place:
    """Return the surroundings of a name in its sentence."""
    left, right = found.passage.before(found.start), found.passage.after(found.end)
    day = found.name.casefold() in CALENDAR
    reach = right[: _GENITIVE_REACH if found.shape == "genitive" else 1]
    product = any(token.lower in near.PRODUCT and not (day and token.lower in near.EVENTS) for token in reach)
    capital = found.passage.text[found.start : found.start + 1].isupper()
    return Place(found, setting, left, right, capital, day, product)


def joined_word(found: Occurrence) -> str | None:
    """Return the word that a hyphen, dot or slash joins to the name ("" where that is in front), or None."""
    text, start, end = found.passage.text, found.start, found.end
    if start > 1 and text[start - 1] in _JOINTS and text[start - 2].isalnum():
        return ""
    if end + 1 < len(text) and text[end] in _JOINTS and text[end + 1].isalnum():
        follows = found.passage.after(end + 1)
        return follows[0].lower if follows else ""
    return None


def listed(tokens: Sequence[Token], setting: Setting) -> bool:
    """Return whether a comma, a slash, an "and" or an "or" joins the first token to a company within three more."""
    if not tokens or tokens[0].lower not in LISTING:
        return False
    return any(token.lower in near.COMPANIES or token.lower in setting.companies for token in tokens[1:4])

"""Which language a post is in, so that the model abstains where it would guess."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from functools import cache

from py3langid.langid import LanguageIdentifier

from analyzers.language_model import cache_folder, load_identifier

FEWEST_LETTERS = 24
"""Below this many letters an identifier guesses; the script alone decides."""
SURE = 0.8
"""On 3,819 English dev posts .8 refuses none and .5 refuses 11; German and French sentences lie at .88 and above."""

_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is ISO 639-1, None when the text is too short to tell. `readable`: the model may judge it."""

    code: str | None
    readable: bool


def language_of(text: str) -> Language:
    """Identify the language of a normalized `text` (py3langid; Lui and Baldwin 2012). English is readable."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return Language(None, readable=True)
    if not text.isascii() and sum(not _latin(character) for character in letters) * 2 > len(letters):
        code, _ = _identifier().classify(text)
        return Language(str(code) if code != "en" else None, readable=False)
    if len(letters) < FEWEST_LETTERS:
        return Language(None, readable=True)
    code, probability = _identifier().classify(text)
    if code == "en" or float(probability) < SURE:
        return Language("en" if code == "en" else None, readable=True)
    return Language(str(code), readable=False)


def _latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def prepare() -> None:
    """Begin to load the identifier and return at once: the first time its 68 MB are unpacked, which takes .7 s."""
    threading.Thread(target=_identifier, name="language-identifier", daemon=True).start()


def _identifier() -> LanguageIdentifier:
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> LanguageIdentifier:
    return load_identifier(cache_folder())

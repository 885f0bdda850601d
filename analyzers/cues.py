"""What speaks for or against an everyday word being the name of a brand: cues that are seen in the text.

`ambiguity` gives them their weights. Every cue is a key of its table; one that is seen twice is given twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzers import neighbours as near
from analyzers.common_words import CALENDAR, COMMON_WORDS, everyday
from analyzers.occurrences import LISTING, Occurrence, Place, Setting, joined_word, listed, place_of
from analyzers.passages import Token


def cues(found: Occurrence, setting: Setting) -> Iterator[str]:
    """Give the names of the cues for and against `found` being the brand."""
    yield from _of_the_word(found)
    yield from _of_the_text(found, setting)
    if found.shape in {"hashtag", "compound"}:
        return
    place = place_of(found, setting)
    yield from _of_the_writing(place)
    joined = joined_word(found)
    if joined is not None:
        yield "joined to a product word" if joined in near.PRODUCT else "joined to another word"
        return
    yield from _in_front(place)
    yield from _behind(place)
    if listed(place.left[::-1], setting) or listed(place.right, setting):
        yield "in a list with companies"


def _of_the_word(found: Occurrence) -> Iterator[str]:
    name = found.name.casefold()
    if name in CALENDAR:
        yield "a day or a month"
    elif everyday(name):
        yield "an everyday word"
    else:
        yield "also the name of something else"
    if found.shape == "compound":
        yield "German compound"
    elif found.shape == "hashtag":
        yield "hashtag"
    elif found.shape == "s" and not found.passage.german:
        yield "bare s"


def _of_the_text(found: Occurrence, setting: Setting) -> Iterator[str]:
    words = found.passage.words
    own = set(found.name.casefold().split())
    if own & CALENDAR and words & CALENDAR - own:
        yield "another day near"
    yield from ("talk of the trade" for _ in words & near.TRADE)
    yield from ("other companies named" for _ in (words & near.COMPANIES | setting.companies) - own)
    yield from ("hint" for _ in range(setting.hints))
    yield from ("hint in the title or opening" for _ in range(setting.near_hints))
    if setting.context:
        yield "context word"
    if setting.thread:
        yield "the thread is about it"


def _of_the_writing(place: Place) -> Iterator[str]:
    found, passage = place.found, place.found.passage
    if place.capital and not (place.first or passage.blunt or place.day):
        yield "capital inside a sentence"
    elif not place.capital and not found.name.islower():
        yield "lower case beside capitals" if passage.cased else "lower case everywhere"
    owning = found.shape == "genitive" or (found.shape == "s" and passage.german)
    if owning and place.capital and not place.day:
        yield "genitive"


def _in_front(place: Place) -> Iterator[str]:
    """Give at most one cue: the first that holds of the word before the name."""
    start, text = place.found.start, place.found.passage.text
    if text[max(0, start - 2) : start].lower().replace("\u2019", "'") == "d'":
        yield "in, with, by ... it"
    elif place.left:
        last = place.left[-1]
        cue = _determiner(place, last) or _preposition(place, last) or _neighbour(place, last)
        if cue:
            yield cue


def _determiner(place: Place, last: Token) -> str | None:
    if place.day and last.lower in near.CALENDAR_BEFORE and not place.product:
        return "time word beside"
    if last.lower in near.POSSESSIVES:
        return "my or our before" if place.capital or place.product else "my or our before lower case"
    if place.product:
        return None
    if last.lower in near.ARTICLES or last.text.isdigit():
        return "article or number before"
    return "definite article before" if last.lower in near.DEFINITE else None


def _preposition(place: Place, last: Token) -> str | None:
    moving = bool(near.MOVING & {token.lower for token in place.left[-4:-1]})
    if place.day:  # meetings are moved to Monday, too, but seldom migrated
        moving = len(place.left) > 1 and place.left[-2].lower in near.MOVING - near.POSTPONING
    if last.lower in near.VERSUS:
        return "compared"
    if last.lower in near.SUBJECTS or (last.lower == "to" and not moving):
        return None if place.capital else "a verb"
    if last.lower in near.USING:
        return "using or dealing with it"
    if last.lower in near.MEDIUM or last.lower in {"to", "of"}:
        if moving:
            return "moving to or from it"
        return "in, with, by ... it" if place.capital else "in, with, by ... it, lower case"
    return None


def _neighbour(place: Place, last: Token) -> str | None:
    """Return what a word before the name that has no other part tells: a person, another name, a compound."""
    if last.lower in near.PERSON_TITLES:
        return "title of a person before"
    if last.lower in near.GREETINGS and place.capital:
        return "spoken to"
    if last.lower in near.ASKING and not place.day:
        return "asked about"
    if not last.word or place.product or last.lower in near.COMPANIES | near.FILLERS or place.found.passage.blunt:
        return None
    if not place.capital:
        bare = near.COMPANY_VERBS | near.COPULAS | near.MEDIUM
        return None if last.lower in bare else "an everyday compound"
    return _capital_in_front(place, last) if last.capital else None


def _capital_in_front(place: Place, last: Token) -> str:
    if last.lower in COMMON_WORDS and not any(token.word for token in place.left[:-1]):
        return "another capital word before at the start"
    return "part of another name"


def _behind(place: Place) -> Iterator[str]:
    """Give at most one cue: the first that holds of the word behind the name."""
    if place.right:
        cue = _noun_behind(place, place.right[0]) or _verb_behind(place, place.right) or _rest_behind(place)
        if cue:
            yield cue


def _noun_behind(place: Place, following: Token) -> str | None:
    if place.day and (following.lower in near.CALENDAR_AFTER or following.text.isdigit()):
        return None if listed(place.right, place.setting) else "time word beside"
    if following.lower in near.LEGAL_FORMS and following.capital:
        return "legal form behind"
    if place.product:
        return "product word behind"
    if following.lower in near.WEAK_PRODUCT:
        return "word of trade behind"
    if following.lower in near.VERSUS:
        return "compared"
    return "a number behind" if following.text.isdigit() else None


def _verb_behind(place: Place, right: Sequence[Token]) -> str | None:
    if place.determined:
        return None
    words = [token.lower for token in right]
    if words[0].endswith("ly"):
        words = words[1:]
    verb, then = (*words, "", "")[:2]
    acting = verb.endswith(("s", "ed")) and (then in near.OBJECTS or then.isdigit())
    plainly = place.capital or (place.first and not place.found.passage.cased)
    if (verb in near.COMPANY_VERBS and then not in near.COMPLEMENTS) or (acting and plainly):
        return "company verb behind"
    asked = bool(place.left) and place.left[-1].lower in near.COPULAS and verb in near.STATES - near.OBJECTS
    if asked or (verb in near.COPULAS and (then in near.STATES or then in near.COMPANY_VERBS)):
        return "state of a product behind"
    return None


def _rest_behind(place: Place) -> str | None:
    following, passage = place.right[0], place.found.passage
    if (not place.capital or place.first) and not place.dealt_with:
        if following.lower in near.COMPLEMENTS:
            return "everyday complement behind"
        if following.lower in near.PARTICLES:
            return "particle of a verb behind"
    if not following.text.isalpha() or passage.blunt or place.found.shape == "genitive":
        return None
    if following.capital and passage.text[place.found.end : following.start].isspace():
        known = following.lower in near.COMPANIES or following.lower in place.setting.companies
        return None if known else "part of another name"
    usual = following.lower in near.COPULAS | near.MEDIUM | LISTING
    return "unknown word behind at the start" if place.first and place.capital and not usual else None

"""Towards whom a post is aimed (the brand, another brand, another poster, nobody) and in what manner.

Pure. The model's answers say what is felt (the post's tone, its tone towards each brand it names, hostility, anger,
what a reply does to its parent); who is named and who is answered says towards whom. The order of the rules and the
two numbers were chosen on the dev half of `benchmarks/gate/aims` (`benchmarks/aims.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.store.records import Aim, Aimed, JudgedPost, Manner

ANGRY = 0.6
"""From this hostility + anger (each 0..1) on, a negative post is angry; below it is constructive criticism."""
BLAMED_MORE = 0.1
"""A post that is negative towards two brands means the one whose probability is higher by more than this, else both."""

_YOU = re.compile(r"\b(?:you|your|yours|yourself|yourselves|u|ur)\b|^\s*(?:shut up|stop)\b", re.IGNORECASE)
_YOU_THERE = re.compile(
    r"\byou(?:'re| are| were| sound| seem| clearly| obviously| misread| keep)\b|\b(?:are|were) you\b"
    r"|\b(?:un)?like you\b|\byour (?:post|comment|attitude|argument|claim|advice)s?\b",
    re.IGNORECASE,
)
_THEY = re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE)
_ANYBODY = re.compile(
    r"\b(?:if|when|once|before|until) you\b|\byou (?:pay|call|wait|trust|get|need|buy|cannot|can't|can not)\b",
    re.IGNORECASE,
)
_OWN_FAULT = re.compile(
    r"\bmy (?:bad|fault)\b|\bmy (?:\w+ ){0,2}mistake\b|\bi(?:'m| am) (?:such )?an? (?:\w+ )?(?:idiot|fool)\b"
    r"|\bi (?:\w+ )?(?:forgot|misread|mixed up|deleted)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(?:thanks|thank you|thx|cheers)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a post on a brand.

    `answers_staff`: its parent is by an account of the brand. `others`: the other brands that the post names, each
    with its row (the tone towards that brand).
    """

    answers_staff: bool = False
    others: tuple[JudgedPost, ...] = field(default=())


ALONE = Surroundings()


def aims(posts: Mapping[str, Sequence[JudgedPost]], staff: Mapping[str, Collection[str]]) -> list[Aimed]:
    """Return the aim of every row of `posts` (brand -> its posts, tones as judged), in their order.

    `staff`: brand -> its accounts, casefolded: handles, or author ids (`<source>:<handle>`).
    """
    everybody = frozenset(account for accounts in staff.values() for account in accounts)
    written_by = {post.post_id: post.author_id for rows in posts.values() for post in rows}
    named: dict[str, list[JudgedPost]] = defaultdict(list)
    for rows in posts.values():
        for post in rows:
            if post.via == "text":
                named[post.post_id].append(post)
    found = []
    for brand, rows in posts.items():
        accounts = staff.get(brand, ())
        for post in rows:
            others = tuple(row for row in named.get(post.post_id, ()) if row.brand != brand)
            answers_staff = post.parent_id is not None and is_staff(written_by.get(post.parent_id), accounts)
            around = Surroundings(answers_staff, others) if others or answers_staff else ALONE
            found.append(Aimed(post.post_id, brand, *aim_of(post, around), is_staff(post.author_id, everybody)))
    return found


def is_staff(author_id: str | None, accounts: Collection[str]) -> bool:
    """Return whether an author is one of `accounts` (casefolded handles or author ids); an unknown one is not."""
    if author_id is None or not accounts:
        return False
    folded = author_id.casefold()
    handle = folded.partition(":")[2]
    return folded in accounts or handle in accounts or handle.lstrip("@") in accounts


def is_angry(post: JudgedPost) -> bool | None:
    """Return whether a negative post is angry rather than civil; None where neither hostility nor anger is known.

    Where only one of the two is known it counts twice.
    """
    known = [value for value in (post.hostility, post.anger) if value is not None]
    return sum(known) * 2 / len(known) >= ANGRY if known else None


def aim_of(post: JudgedPost, around: Surroundings) -> tuple[Aim, Manner | None]:
    """Return at whom a post on a brand is aimed, and in what manner. A post that was not judged is `unknown`."""
    towards, whole = tone_towards(post), post.post_tone
    if towards is None and whole is None:
        return "unknown", None
    if _means_poster(post, around, whole):
        return "poster", _felt(post, "positive" if whole == "positive" else "negative")
    if around.others:
        return _between_brands(post, around.others, towards, whole)
    tone = next((tone for tone in ("negative", "positive") if tone in (towards, whole)), None)
    own_fault = post.via != "text" and not around.answers_staff and _OWN_FAULT.search(post.text)
    at_nobody = tone is None or (tone == "negative" and own_fault)
    return ("nobody" if at_nobody else "brand"), _felt(post, tone)


def tone_towards(post: JudgedPost) -> str | None:
    """Return the tone towards the brand as it was said, or the likeliest; None where it does not count."""
    if post.abstained is not None or post.negative is None:
        return None
    if post.tone:
        return post.tone
    chances = {"negative": post.negative, "neutral": post.neutral or 0.0, "positive": post.positive or 0.0}
    return max(chances, key=lambda name: chances[name])


def speaks_to_somebody(text: str) -> bool:
    """Return whether `you` in a text is the one spoken to, rather than anybody ("you pay and they laugh at you")."""
    anybody = _THEY.search(text) or _ANYBODY.search(text)
    return bool(_YOU_THERE.search(text) or (_YOU.search(text) and not anybody))


def _means_poster(post: JudgedPost, around: Surroundings, whole: str | None) -> bool:
    """Return whether a reply speaks to the one it answers: `you`, no brand named, and not to the brand's own staff."""
    if post.parent_id is None or around.answers_staff or post.via == "text" or around.others:
        return False
    if whole == "positive":
        return bool(_THANKS.search(post.text))
    return (whole == "negative" or post.stance == "deny") and speaks_to_somebody(post.text)


def _between_brands(
    post: JudgedPost, others: Sequence[JudgedPost], towards: str | None, whole: str | None
) -> tuple[Aim, Manner | None]:
    """Return the aim of a post that names other brands, and perhaps this one."""
    blamed = [row.negative or 0.0 for row in others if tone_towards(row) == "negative"]
    named = post.via == "text"
    if named and towards == "negative" and not (blamed and max(blamed) > (post.negative or 0.0) + BLAMED_MORE):
        return "brand", _felt(post, "negative")
    if blamed:
        return "other_brand", _felt(post, "negative")
    if named and towards == "positive":
        return "brand", "praise"
    if whole == "negative":
        return ("nobody" if named else "other_brand"), _felt(post, "negative")
    return ("other_brand", "praise") if any(tone_towards(row) == "positive" for row in others) else ("nobody", None)


def _felt(post: JudgedPost, tone: str | None) -> Manner | None:
    """Return the manner of a post of that tone (of none: None)."""
    if tone is None or tone == "neutral":
        return None
    return "praise" if tone == "positive" else "anger" if is_angry(post) else "criticism"

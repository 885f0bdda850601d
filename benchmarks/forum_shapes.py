"""Threads that we wrote, in the page shapes of engines that no saved page has: what repeated blocks make of them.

`tests/files/shapes/NAME.html.j2` is one shape: the markup of real software (WoltLab, UBB.threads, Phorum, YaBB, Snitz,
Discuz!, FUDforum, Kunena, Drupal ...) or of none (plain tables, hashed class names), filled with invented talk. Its
first line says what its markup `tells` of who answers whom: nothing, quotes, all, or answers below the opening only.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from crawler.extract import ExtractedPost, extract_page

SHAPES = Path(__file__).resolve().parent.parent / "tests" / "files" / "shapes"
SIZES = (2, 3, 6, 14)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_TOLD = re.compile(r"tells: (\w+)")
_WORD = re.compile(r"\w+")
_NAMES = (
    "bernd_k",
    "Tanja",
    "motormax",
    "Ole Hansen",
    "liv",
    "Support Ines",
    "N200fan",
    "kurt77",
    "Éva",
    "zed",
    "rosa",
)
_RANKS = ("Newcomer", "Regular", "Old hand", "Moderator")
_SIGNS = ("Measure twice, cut once.", "Two gateways, one cat, no spare fuse.", "Sent from the machine hall.")
_PARTS = (
    ("The gateway", "Our relay", "That firmware", "The new licence", "Their hotline", "My inverter", "The gasket"),
    ("stopped answering", "trips every night", "costs twice as much", "was never tested", "works for us again"),
    (
        "since the last update",
        "after a month of shifts",
        "although the light is green",
        "if the supply sags",
        "on Mondays",
    ),
    (
        "and nobody calls back.",
        "so we went back to 4.1.",
        "and I want my money back.",
        "which is a pity.",
        "as promised.",
    ),
)
_SHORT = ("Thanks, that was it.", "Same here.", "Never again.", "Could you post the log?", "No.")


@dataclass
class Said:
    """One invented post; `depth` is 0 for the opening, `quote` whether it repeats the start of its parent."""

    id: int
    author: str
    uid: int
    rank: str
    joined: str
    count: int
    sig: str
    at: datetime
    paras: list[str]
    parent: Said | None = None
    quote: bool = False
    depth: int = 0
    children: list[Said] = field(default_factory=list)


def talk(size: int, seed: int) -> list[Said]:
    """Return an invented thread in the order in which a tree of answers is shown."""
    dice = random.Random(seed)
    people = dice.sample(_NAMES, min(len(_NAMES), max(2, size * 2 // 3)))
    moment = datetime(2026, 3, dice.randint(4, 9), dice.randint(6, 20), dice.randint(10, 59), tzinfo=UTC)
    said: list[Said] = []
    for place in range(size):
        author = people[place % 2 if place < 2 else dice.randrange(len(people))]
        parent = None if not place else said[0] if place < 3 or dice.random() < 0.5 else dice.choice(said[1:])
        person = random.Random(author)
        short = place > 1 and dice.random() < 0.25
        paras = [dice.choice(_SHORT)] if short else [_sentence(dice) for _ in range(dice.choice((1, 1, 2, 4)))]
        said.append(
            Said(0, author, person.randint(10, 9999), person.choice(_RANKS), f"Jan {person.randint(2009, 2024)}",
                 person.randint(3, 4000), person.choice(("", *_SIGNS)), moment, paras, parent,
                 parent is not None and not short and dice.random() < 0.5, parent.depth + 1 if parent else 0)
        )  # fmt: skip
        if parent is not None:
            parent.children.append(said[-1])
        moment += timedelta(minutes=dice.randint(7, 900))
    shown = _below(said[0])
    for place, one in enumerate(shown):
        one.id = 81_204 + 7 * place
    return shown


def _sentence(dice: random.Random) -> str:
    return " ".join(" ".join(dice.choice(part) for part in _PARTS) for _ in range(dice.choice((1, 2, 2, 3))))


def _below(one: Said) -> list[Said]:
    return [one, *(inner for child in one.children for inner in _below(child))]


def render_shape(name: str, posts: list[Said]) -> tuple[str, str]:
    """Return a shape's page with these posts, and what it tells of who answers whom."""
    environment = Environment(loader=FileSystemLoader(SHAPES), autoescape=False)  # noqa: S701  our own words only
    html = environment.get_template(f"{name}.html.j2").render(posts=posts, title="Gateway down since the update")
    told = _TOLD.search((SHAPES / f"{name}.html.j2").read_text(encoding="utf-8"))
    return html, told[1] if told else "nothing"


def compare_shapes(names: list[str] | None = None, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Return `post_f1` (first words, author, time within 26 h; a parent where the page tells one) and a row a shape."""
    shapes: dict[str, Any] = {}
    total, sums = 0, Counter[str]()
    for name in names or sorted(file.name.removesuffix(".html.j2") for file in SHAPES.glob("*.j2")):
        right, both = Counter[str](), 0
        for size in sizes:
            said = talk(size, size)
            html, told = render_shape(name, said)
            said = [one for one in said if told != "depth2" or one.depth < 3]
            posts = extract_page(html, f"https://{name}.example/t/5", now=NOW, engines=()).posts
            right.update(_right(said, posts, told))
            both += len(said) + len(posts)
        shapes[name] = {part: round(2 * right[part] / both, 3) for part in ("all", "words", "author", "time", "parent")}
        total, sums = total + both, sums + right
    figures = {part: round(2 * sums[part] / total, 4) for part in ("words", "author", "time", "parent")}
    return {"post_f1": round(2 * sums["all"] / total, 4), **figures, "n": len(shapes), "shapes": shapes}


def _right(said: list[Said], posts: tuple[ExtractedPost, ...], told: str) -> Counter[str]:
    right: Counter[str] = Counter()
    free = list(posts)
    for one in said:
        wanted = _WORD.findall(" ".join(one.paras).lower())[:6]
        alike = [post for post in free if _WORD.findall(post.text.lower())[:6] == wanted]
        if not alike:
            continue
        post = max(alike, key=lambda other: len(_equal(one, other, said, told)))
        free.remove(post)
        equal = _equal(one, post, said, told)
        right.update(equal)
        right["all"] += len(equal) == 4
    return right


def _equal(one: Said, post: ExtractedPost, said: list[Said], told: str) -> set[str]:
    place = said.index(one.parent) if one.parent is not None else 0
    shown = told in ("all", "depth2") or (told == "below" and one.depth > 1) or (told == "quotes" and one.quote)
    equal = {"words"}
    equal |= {"author"} if post.author == one.author else set()
    equal |= {"time"} if post.created_at and abs(post.created_at - one.at) <= timedelta(hours=26) else set()
    equal |= {"parent"} if (post.parent_position or 0) == (place if shown else 0) else set()
    return equal

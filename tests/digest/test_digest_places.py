"""Once a week the digest says where else the audience talks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.digest.content import compose
from tocsin.digest.facts import Facts, Occasion, Place
from tocsin.digest.render import TEXT_WIDTH, render
from tocsin.nights import has_monday

Make = Callable[..., Facts]


def place(site: str, **changes: Any) -> Place:
    usual: dict[str, Any] = {
        "site": site,
        "posts": 14,
        "voices": 9,
        "brands": {"Acme": 14},
        "negative": 5,
        "judged": 12,
        "pointed_from": "https://forum.example/t/3",
        "kind": "discourse",
    }
    return Place(**(usual | changes))


def test_at_most_three_places_are_told_and_only_of_the_audience_s_brands(make_facts: Make) -> None:
    places = (place("other.example", brands={"Borealis": 3}), *(place(f"p{n}.example") for n in range(5)))
    content = compose(make_facts(occasion=Occasion(places=places)))
    assert [found.site for found in content.places] == ["p0.example", "p1.example", "p2.example"]
    assert content.places[0].words == (
        "9 people pointed there in 14 posts on Acme, 5 of 12 judged ones negative; could be read as discourse"
    )
    assert content.places[0].url == "https://forum.example/t/3"


def test_one_person_and_an_unjudged_post_are_told_as_such(make_facts: Make) -> None:
    lone = place("p.example", posts=1, voices=1, negative=0, judged=0, kind=None)
    (found,) = compose(make_facts(occasion=Occasion(places=(lone,)))).places
    assert found.words == "1 person pointed there in 1 post on Acme, tone not judged"


def test_both_forms_of_the_mail_tell_of_it_and_a_strange_address_is_no_link(make_facts: Make, templates: Path) -> None:
    strange = place("b.example", pointed_from='https://b.example/"><script>')
    rendered = render(compose(make_facts(occasion=Occasion(places=(place("a.example"), strange)))), templates)
    assert "Where else they talk" in rendered.html
    assert 'href="https://forum.example/t/3"' in rendered.html
    assert "<script>" not in rendered.html
    assert "WHERE ELSE THEY TALK" in rendered.text
    assert "- a.example: 9 people pointed there" in rendered.text
    assert "  https://forum.example/t/3\n" in rendered.text
    assert "tocsin discover" in rendered.text
    assert all(len(line) <= TEXT_WIDTH or "://" in line for line in rendered.text.splitlines())


def test_without_places_nothing_is_said_of_them(make_facts: Make, templates: Path) -> None:
    rendered = render(compose(make_facts()), templates)
    assert "else they talk" not in rendered.html
    assert "tocsin discover" not in rendered.text


@pytest.mark.parametrize(
    ("nights", "told"),
    [
        (("2026-11-23",), True),
        (("2026-11-22",), False),
        (("2026-11-22", "2026-11-23", "2026-11-24"), True),
        (("2026-11-24", "2026-11-25"), False),
    ],
)
def test_a_week_s_news_comes_on_monday_or_with_the_night_that_catches_up(nights: tuple[str, ...], told: bool) -> None:
    assert has_monday(nights) is told

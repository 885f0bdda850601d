"""Where else is the talk: from posts on the brands to ranked sites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analyzers.discovery import addresses_in, pointers, rank
from analyzers.left_out_hosts import left_out
from tocsin.config_sections import Brand, Source
from tocsin.discovering import covered_by, owns
from tocsin.store.times import to_text

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def row(number: int, text: str, *, author: str | None = "", **changes: Any) -> dict[str, Any]:
    usual = {
        "id": f"forum:{number}",
        "source": "forum",
        "author_id": f"forum:a{number}" if author == "" else author,
        "url": f"https://forum.example/t/{number}",
        "created_at": to_text(NOW - timedelta(hours=number)),
        "text": text,
        "brand": "Acme",
        "tone": None,
    }
    return usual | changes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example/t/x/1.", [("https://a.example/t/x/1", "link")]),
        ("(see https://a.example/w/Pump_(device))", [("https://a.example/w/Pump_(device)", "link")]),
        ("asked in r/sysadmin, twice", [("https://www.reddit.com/r/sysadmin", "mention")]),
        ("chmod r/w and http/2", []),
        ("!pumps@lemmy.example has it", [("https://lemmy.example/c/pumps", "mention")]),
        ("@jo@social.example said", [("https://social.example/@jo", "mention")]),
        ("mail me at jo@mail.example", []),
        ("on www.pumps.example/board too", [("https://www.pumps.example/board", "mention")]),
        ("Cross-posted from https://b.example/d/3", [("https://b.example/d/3", "cross_post")]),
        ("x-post r/homelab", [("https://www.reddit.com/r/homelab", "cross_post")]),
        ("https://www.reddit.com/r/a12/comments/x", [("https://www.reddit.com/r/a12/comments/x", "link")]),
    ],
)
def test_addresses_are_linked_named_or_cross_posted(text: str, expected: list[tuple[str, str]]) -> None:
    assert addresses_in(text) == expected


def test_sites_rank_by_people_not_by_posts() -> None:
    loud = [row(n, "https://loud.example/t/a/1", author="forum:spam") for n in range(40)]
    heard = [row(100 + n, f"https://pumps.example/t/noise/{n}", tone="negative") for n in range(3)]
    sites = rank(pointers([*loud, *heard]))
    assert [(site.site, site.voices, site.posts) for site in sites] == [
        ("pumps.example", 3, 3),
        ("loud.example", 1, 40),
    ]
    best = sites[0]
    assert best.tone == {"negative": 3, "neutral": 0, "positive": 0, "not_judged": 0}
    assert best.samples == tuple(f"https://pumps.example/t/noise/{n}" for n in range(3))
    assert best.pointed_from[0] == "https://forum.example/t/100"
    assert best.proposal is not None
    assert (best.proposal.kind, best.proposal.keys) == ("discourse", {"url": "https://pumps.example/"})


def test_as_many_people_from_more_sources_go_first_and_unknown_authors_are_one_voice() -> None:
    one = [row(n, "https://one.example/a", author=None) for n in range(5)]
    two = [row(20, "https://two.example/a", author=None), row(21, "https://two.example/b", author=None, source="hn")]
    sites = rank(pointers([*one, *two]))
    assert [(site.site, site.voices) for site in sites] == [("two.example", 1), ("one.example", 1)]


def test_a_post_on_two_brands_is_one_post_with_two_judgements() -> None:
    text = "https://pumps.example/x"
    (site,) = rank(pointers([row(1, text, tone="negative"), row(1, text, brand="Borealis", tone="positive")]))
    assert (site.posts, site.voices) == (1, 1)
    assert site.brands == {"Acme": 1, "Borealis": 1}
    assert (site.tone["negative"], site.tone["positive"]) == (1, 1)


def test_sources_own_domains_shorteners_pictures_and_the_post_s_own_site_are_left_out() -> None:
    sources = (
        Source(name="board", kind="forum", url="https://www.board.example/latest"),
        Source(name="sub", kind="reddit", communities=("SysAdmin",)),
        Source(name="hn", kind="hackernews", query="acme"),
        Source(name="se", kind="stackexchange", communities=("dba", "stackoverflow")),
        Source(name="x", kind="x", query="acme"),
        Source(name="code", kind="github", communities=("Acme/Pump",)),
    )
    brands = (Brand(name="Acme"), Brand(name="Blue Pumps", aliases=("bluepumps.example", "BP")))
    out = [
        "https://board.example/t/9",
        "https://old.reddit.com/r/sysadmin/comments/1",
        "https://news.ycombinator.com/item?id=1",
        "https://dba.stackexchange.com/q/1",
        "https://stackoverflow.com/q/1",
        "https://x.com/jo/status/1",
        "https://github.com/acme/pump/issues/4",
        "https://docs.acme.com/a",
        "https://www.acme.co.uk/",
        "https://blue-pumps.com/",
        "https://shop.bluepumps.example/",
        "https://bit.ly/abc",
        "https://i.imgur.com/a.png",
        "https://forum.example/t/77",
        "http://127.0.0.1:8080/x",
        "http://intranet/x",
    ]
    kept = ["https://www.reddit.com/r/homelab", "https://github.com/acme/valve", "https://acme.stackexchange.com/q/1"]
    rows = [row(number, address) for number, address in enumerate([*out, *kept])]
    found = rank(pointers(rows), covered_by(sources), owns(brands))
    assert {site.site for site in found} == {"reddit.com/r/homelab", "github.com/acme/valve", "acme.stackexchange.com"}


def test_a_closed_place_is_shown_with_the_reason() -> None:
    (site,) = rank(pointers([row(1, "https://www.trustpilot.com/review/acme.com")]))
    assert site.proposal is None
    assert "forbid" in str(site.closed)


@pytest.mark.parametrize(
    ("host", "out"),
    [
        ("google.com", True),
        ("support.google.com", False),
        ("s3.eu.amazonaws.com", True),
        ("t.co", True),
        ("pumps.internal", True),
        ("10.0.0.1", True),
        ("amazon.com", False),
    ],
)
def test_hosts_where_nobody_talks(host: str, out: bool) -> None:
    assert left_out(host) is out

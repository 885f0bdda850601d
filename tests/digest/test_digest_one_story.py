"""One story over several brands is told once; a brand's own answer is told with the pace around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tocsin.digest.content import compose
from tocsin.digest.facts import Facts
from tocsin.digest.reasons import reasons
from tocsin.digest.render import render
from tocsin.store.records import Episode

Make = Callable[..., Facts]


def told(episode: Episode) -> dict[str, tuple[str, str]]:
    return {reason.name: (reason.found, reason.usual) for reason in reasons(episode)}


def test_a_story_of_two_brands_is_one_headline_with_a_line_for_the_other(
    make_facts: Make, backlash: Episode, templates: Path
) -> None:
    other = replace(backlash, id="ep-9", brand="Globex", kind="attention", parts={"same_story_as": "ep-1"})
    content = compose(make_facts(episodes=(other, backlash), brands=(("Acme", "own"), ("Globex", "competitor"))))
    assert [news.id for news in content.backlash] == ["ep-1"]
    assert content.attention == ()
    assert "more" not in content.subject
    rendered = render(content, templates)
    line = "Globex is talked about more than usual, without anger (43 people)"
    assert line in " ".join(rendered.text.split())
    assert "The same story" in rendered.html


def test_a_follower_whose_leader_is_not_told_here_is_told_itself(make_facts: Make, backlash: Episode) -> None:
    alone = replace(backlash, brand="Globex", parts={"same_story_as": "ep-of-a-brand-of-others"})
    content = compose(make_facts(episodes=(alone,), brands=(("Globex", "own"),)))
    assert [news.id for news in content.backlash] == ["ep-1"]
    assert content.backlash[0].also == ()


def test_the_pace_around_an_answer_is_told_only_where_it_is_known(backlash: Episode) -> None:
    def with_parts(**parts: float | str) -> Episode:
        return replace(backlash, parts={**backlash.parts, **parts})

    assert "The brand answered" not in told(backlash)
    at = "2026-11-21T20:00:00+00:00"
    assert told(with_parts(own_answer_at=at))["The brand answered"][0] == "given within three hours"
    early = told(with_parts(own_answer_at=at, pace_before_answer=4.2))["The brand answered"]
    assert early == ("4.2 new negative voices an hour before it", "too soon to tell after it")
    known = with_parts(own_answer_at=at, pace_before_answer=4.2, pace_after_answer=1.0, slope_after_answer=-0.2)
    assert told(known)["The brand answered"] == (
        "4.2 new negative voices an hour before it, 1.0 after",
        "since then falling",
    )

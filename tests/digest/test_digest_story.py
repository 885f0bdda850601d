"""How a claim changed, and what people talk about, as the mail says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tocsin.digest.content import compose
from tocsin.digest.facts import Facts, SaidSo, TalkedAbout
from tocsin.digest.render import render
from tocsin.digest.story import MOST_TOPICS
from tocsin.store.records import Episode

Make = Callable[..., Facts]


def steps(backlash: Episode) -> tuple[SaidSo, ...]:
    first = SaidSo("prices rise by 10 %", "", "", 8, "marta_k", "forum", backlash.onset_at, "https://forum.example/t/1")
    garbled = replace(first, said="prices rise by 40 %", added="40 %", lost="10 %", posts=1, author=None, url=None)
    return (first, garbled, replace(first, said="prices will rise", lost="may", url="javascript:alert(1)"))


def test_each_step_of_a_claim_is_a_dated_quote_that_says_what_changed(make_facts: Make, backlash: Episode) -> None:
    facts = make_facts(episodes=(backlash,), wordings={"ep-1": steps(backlash)})
    first, garbled, last = compose(facts).backlash[0].claim
    assert (first.change, first.by, first.url) == (None, "marta_k, forum", "https://forum.example/t/1")
    assert first.when == "Sat 21 Nov 11:12 CET"
    assert garbled.change == "changed: \u201c10 %\u201d became \u201c40 %\u201d"
    assert (garbled.by, garbled.posts, garbled.url) == ("unknown author, forum", "1 post says it so", None)
    assert (last.change, last.url) == ("gone: \u201cmay\u201d", None)


def test_the_newest_post_that_changes_nothing_says_so(make_facts: Make, backlash: Episode) -> None:
    first, garbled, _ = steps(backlash)
    newest = replace(garbled, added="", lost="")
    facts = make_facts(episodes=(backlash,), wordings={"ep-1": (first, garbled, newest)})
    assert compose(facts).backlash[0].claim[2].change == "the newest that says so"


def test_html_and_text_show_the_claim_and_at_most_three_topics(
    make_facts: Make, backlash: Episode, templates: Path
) -> None:
    topic = TalkedAbout("recall, power supplies", 15, 14, "Recall <b>them</b> now", "https://forum.example/t/1#9")
    facts = make_facts(
        episodes=(backlash,), wordings={"ep-1": steps(backlash)}, topics={"ep-1": (topic,) * (MOST_TOPICS + 2)}
    )
    rendered = render(compose(facts), templates)
    for shown in (rendered.html, rendered.text):
        assert "How the claim changed" in shown
        assert "prices rise by 40 %" in shown
        assert shown.count("14 people") == MOST_TOPICS
        assert "https://forum.example/t/1#9" in shown
    assert "Recall &lt;b&gt;them&lt;/b&gt; now" in rendered.html
    assert "javascript" not in rendered.html + rendered.text


def test_an_episode_without_a_story_has_no_empty_headings(make_facts: Make, backlash: Episode, templates: Path) -> None:
    rendered = render(compose(make_facts(episodes=(backlash,))), templates)
    assert "How the claim changed" not in rendered.html + rendered.text
    assert "What they talk about" not in rendered.html + rendered.text


def test_echo_and_contagion_are_reasons_where_they_say_something(make_facts: Make, backlash: Episode) -> None:
    told = {"echo_share": 0.62, "echo_pieces": 4.4, "contagion": 0.21, "contagion_low": 0.08, "contagion_high": 0.33}
    reasons = {r.name: r for r in compose(make_facts(episodes=(replace(backlash, parts=told),))).backlash[0].reasons}
    assert reasons["Echo"].found == "62 % of the posts repeat an earlier one"
    assert reasons["Echo"].usual.endswith("as if 4 different pieces went round")
    assert reasons["Anger spreads"].found == "21 points more anger after hostile replies"
    unsure = told | {"echo_share": 0.03, "contagion_low": -0.02}
    names = {r.name for r in compose(make_facts(episodes=(replace(backlash, parts=unsure),))).backlash[0].reasons}
    assert not names & {"Echo", "Anger spreads"}

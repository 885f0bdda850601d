"""A campaign is named as one in every place of a digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tocsin.digest.content import compose
from tocsin.digest.crowd_reasons import crowd_reasons
from tocsin.digest.facts import Facts
from tocsin.digest.render import render
from tocsin.store.records import Episode, Voices

Make = Callable[..., Facts]
WORDS = "copy-paste: 80 of 80 posts, by 6 accounts, are one wording"


def campaign(episode: Episode) -> Episode:
    return replace(
        episode, id="ep-9", kind="campaign", level=0, severity_days=0.4, voices=Voices(80, 6, 6, 1, 0.9, WORDS),
        parts={"voices": 1, "accounts": 6, "copied_posts": 80, "copied_accounts": 6, "organised_posts": 80},
    )  # fmt: skip


def test_a_campaign_has_its_own_section_and_headline(make_facts: Make, backlash: Episode, templates: Path) -> None:
    content = compose(make_facts(episodes=(campaign(backlash),)))
    assert (content.backlash, content.attention) == ((), ())
    assert content.subject == "Acme: campaign, 6 accounts, forum and hn"
    assert content.verdict == "No backlash. Acme is the subject of a campaign by 6 accounts with copied text."
    assert content.campaigns[0].level == "Level 0 of 3: counts as 1 voice"
    mail = render(content, templates)
    for shown in (mail.html, " ".join(mail.text.split())):
        assert "campaigns" in shown.lower()
        assert WORDS in shown.replace("&nbsp;", " ")
        assert "ep-9 useful" in shown


def test_a_backlash_comes_before_a_campaign_and_says_that_it_is_copied(
    make_facts: Make, backlash: Episode, attention: Episode
) -> None:
    copied = replace(backlash, voices=replace(backlash.voices, campaign=WORDS))
    content = compose(make_facts(episodes=(attention, campaign(backlash), copied)))
    assert [len(found) for found in (content.backlash, content.campaigns, content.attention)] == [1, 1, 1]
    assert content.subject.startswith("Acme: backlash")
    assert content.backlash[0].campaign == WORDS


def test_what_is_out_of_the_ordinary_about_the_people_is_told_with_figures() -> None:
    told = crowd_reasons(
        {
            "copied_posts": 40, "copied_accounts": 36, "organised_posts": 0, "coposting_accounts": 5,
            "newcomer_share": 0.62, "usual_newcomer_share": 0.12, "bought_reactions": 800, "bought_posts": 1,
            "bought": "800 likes and reposts of one post within 6 h, and nobody answered, where 133 usually would",
        }
    )  # fmt: skip
    assert [(line.name, line.found) for line in told] == [
        ("Shared text", "40 posts by 36 accounts"),
        ("Acting together", "5 accounts"),
        ("New accounts", "62 % of the accounts"),
        ("Likes without voices", "800 on 1 post: bought or bot-like?"),
    ]
    assert told[2].usual == "first post within 30 days; usual: 12 %"


def test_an_ordinary_crowd_needs_no_words() -> None:
    parts = {"copied_posts": 0, "organised_posts": 0, "coposting_accounts": 0, "newcomer_share": 0.2}
    assert crowd_reasons(parts | {"usual_newcomer_share": 0.15, "bought_reactions": 0, "bought": None}) == ()
    assert crowd_reasons({}) == ()

"""Whom to answer, whom to thank, what one's accounts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.digest.content import compose
from tocsin.digest.facts import Facts, Week, WorthPost
from tocsin.digest.people import MOST, people_to
from tocsin.digest.reasons import reasons
from tocsin.digest.render import render
from tocsin.store.records import Episode

NOW = datetime(2026, 11, 22, 5, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
COMPLAINT = WorthPost(
    kind="complaint",
    brand="Acme",
    manner="criticism",
    text="The export stops at row 1000.",
    author="joe",
    source="forum",
    title="Export",
    created_at=NOW - timedelta(hours=31),
    url="https://forum.example/t/1#7",
)
PRAISE = replace(COMPLAINT, kind="advocate", manner="praise", text="Acme called back within a minute!", author="ann")
ACCOUNT = replace(
    COMPLAINT,
    kind="account",
    brand="Foodco",
    manner=None,
    text="We at Foodco wait for Acme.",
    towards_us="Acme: negative",
)


def facts(*worth: WorthPost) -> Facts:
    return Facts(
        now=NOW,
        zone=ZONE,
        for_date="2026-11-22",
        brands=(("Acme", "own"), ("Foodco", "target")),
        history_days={"Acme": 40.0, "Foodco": 40.0},
        worth=worth,
    )


def test_each_kind_has_its_section_in_both_forms_with_a_link(templates: Path) -> None:
    mail = render(compose(facts(COMPLAINT, PRAISE, ACCOUNT)), templates)
    for title in ("Worth a personal reply", "Worth thanking", "Your accounts"):
        assert title in mail.html
        assert title.upper() in mail.text
    assert 'href="https://forum.example/t/1#7"' in mail.html
    assert mail.text.count("https://forum.example/t/1#7") == 3
    assert "Criticism about Acme, without an answer for 31 hours" in " ".join(mail.text.split())
    assert "On Foodco; negative about Acme" in " ".join(mail.text.split())


def test_without_such_posts_there_are_no_such_sections(templates: Path) -> None:
    mail = render(compose(facts()), templates)
    assert "Worth" not in mail.html
    assert "Your accounts" not in mail.html
    assert "WORTH" not in mail.text


def test_at_most_five_complaints_are_listed_in_the_order_given() -> None:
    many = [replace(COMPLAINT, author=f"joe{n}") for n in range(9)]
    told = people_to("complaint", many, NOW, ZONE)
    assert [person.author for person in told] == [f"joe{n}" for n in range(MOST["complaint"])]


def test_a_strangers_words_are_cut_and_a_bad_link_is_left_out() -> None:
    nasty = replace(COMPLAINT, text="word " * 200, url="javascript:alert(1)", author=None)
    (person,) = people_to("complaint", [nasty], NOW, ZONE)
    assert len(person.text) <= 160
    assert person.url is None
    assert person.author == "unknown author"


def test_markup_in_a_complaint_is_shown_not_run(templates: Path) -> None:
    mail = render(compose(facts(replace(COMPLAINT, text="<script>x</script>", author="<b>joe</b>"))), templates)
    assert "<script>" not in mail.html
    assert "<b>joe" not in mail.html


def test_what_an_accounts_people_wrote_is_told_from_what_others_wrote_on_it() -> None:
    theirs, others = people_to("account", [replace(ACCOUNT, by_staff=True), ACCOUNT], NOW, ZONE)
    assert theirs.why == "written by Foodco; negative about Acme"
    assert others.why == "on Foodco; negative about Acme"


def test_an_account_that_does_not_speak_of_us_is_said_to(templates: Path) -> None:
    mail = render(compose(facts(replace(ACCOUNT, towards_us=None))), templates)
    assert "does not speak of you" in " ".join(mail.text.split())


def test_a_brands_week_tells_anger_from_criticism(templates: Path) -> None:
    week = Week(posts=40, voices=30, negative=20, neutral=10, positive=10, angry=8, critical=11)
    mail = render(compose(replace(facts(), weeks={"Acme": (week, Week())})), templates)
    assert "Aimed at Acme: 8 in anger, 11 as civil criticism." in mail.html
    assert "Aimed at Acme: 8 in anger, 11 as civil criticism." in " ".join(mail.text.split())


def test_an_episode_says_how_many_are_angry_and_how_many_civil(backlash: Episode) -> None:
    parts = {
        **backlash.parts,
        "angry_voices": 11,
        "civil_voices": 7,
        "expected_angry_voices": 1.8,
        "anger_probability": 0.992,
    }
    (line,) = [reason for reason in reasons(replace(backlash, parts=parts)) if reason.name == "How angry"]
    assert line.found == "11 angry, 7 with civil criticism"
    assert "99 % certainty, 80 % needed" in line.usual


def test_an_episode_of_which_the_anger_is_not_known_says_nothing_of_it(backlash: Episode) -> None:
    parts = {**backlash.parts, "angry_voices": None, "civil_voices": None, "anger_probability": None}
    assert not [reason for reason in reasons(replace(backlash, parts=parts)) if reason.name == "How angry"]

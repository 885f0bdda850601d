"""Names that are everyday words, the forms of names, own sites, and what a thread settles."""

from __future__ import annotations

import dataclasses
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analyzers.ambiguity import MOST, THRESHOLD, WEIGHTS, score_of
from analyzers.brand_rules import BrandRules, compile_rules, rules_digest
from analyzers.common_words import COMMON_WORDS, everyday
from analyzers.inflection import compound, nominal_forms, verb_forms
from analyzers.mentions import SURE, Found, find_mentions, scan_store
from tocsin.config_sections import Brand
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MONDAY = BrandRules("Monday", domains=("monday.com",), hints=("board", "automation"))
SLACK = BrandRules("Slack")
LETTERS = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=6)


def found_in(
    text: str, *rules: BrandRules, title: str = "", opening: str = "", settled: tuple[str, ...] = ()
) -> list[Found]:
    return list(find_mentions(text, title, opening, compile_rules(rules), frozenset(settled)))


def names(text: str, *rules: BrandRules, title: str = "") -> set[str]:
    return {found.brand for found in found_in(text, *rules, title=title)}


@pytest.mark.parametrize(
    ("text", "spoken_of"),
    [
        ("We switched to Monday and the automations break", True),
        ("The release is on Monday", False),
        ("the api was down all monday", False),
        ("see monday.com for a demo", True),
        ("@monday your boards are blank", True),
        ("#mondaysucks", True),
        ("#MondayMotivation", False),
    ],
)
def test_a_weekday_is_a_brand_only_where_its_neighbours_say_so(text: str, spoken_of: bool) -> None:
    assert (names(text, MONDAY) == {"Monday"}) is spoken_of


def test_a_doubtful_name_has_a_score_and_reasons_that_add_up_to_it_and_a_sure_one_has_none() -> None:
    (doubtful,) = found_in("Our Slack workspace is full", SLACK)
    assert doubtful.score is not None
    assert THRESHOLD <= doubtful.score < 1
    assert doubtful.score == pytest.approx(score_of(doubtful.reasons), abs=1e-3)
    assert {reason.what for reason in doubtful.reasons} <= WEIGHTS.keys()
    (sure,) = found_in("ask @slackhq", SLACK)
    assert (sure.score, sure.reasons) == (None, ())


def test_every_reason_that_may_count_more_than_once_has_a_weight() -> None:
    assert MOST.keys() <= WEIGHTS.keys()


def test_the_user_may_say_that_a_name_is_or_is_no_everyday_word() -> None:
    text = "there is some slack in the rope"
    assert names(text, BrandRules("Slack")) == set()
    assert names(text, BrandRules("Slack", ambiguous=False)) == {"Slack"}
    assert names("Jasper from logistics is late", BrandRules("Jasper")) == {"Jasper"}
    assert names("Jasper from logistics is late", BrandRules("Jasper", ambiguous=True)) == set()
    assert names("Jasper AI is down", BrandRules("Jasper", aliases=("Jasper AI",), ambiguous=True)) == {"Jasper"}


def test_hints_lift_a_doubtful_name_without_being_required() -> None:
    text = "who else tracks this on monday? the board is a mess"
    assert names(text, BrandRules("Monday")) == set()
    plain, hinted = BrandRules("Slack"), BrandRules("Slack", hints=("huddle",))
    (without,), (with_hint,) = (
        found_in("I left the huddle in Slack", plain),
        found_in("I left the huddle in Slack", hinted),
    )
    assert (without.score or 0) < (with_hint.score or 0)
    assert names("We moved to Slack", hinted) == {"Slack"}


def test_a_context_word_stays_a_hard_requirement() -> None:
    rules = BrandRules("Slack", context=("workspace",))
    assert names("We moved to Slack last year", rules) == set()
    assert names("We moved to a Slack workspace last year", rules) == {"Slack"}
    assert names("We moved to Slack last year", rules, title="Workspace troubles") == {"Slack"}


def test_a_link_to_the_own_site_is_a_mention_whatever_it_is_called() -> None:
    rules = BrandRules("Contoso", domains=("payco.example",))
    for text in ("https://help.payco.example/x?y=1", "payco.example", "write to ada@payco.example."):
        assert [(found.alias, found.score) for found in found_in(text, rules)] == [("payco.example", None)], text
    for text in ("notpayco.example", "https://payco.example.evil.test/", "payco.examples"):
        assert names(text, rules) == set(), text


@pytest.mark.parametrize(
    "text", ["contoso@mail.test", "https://blog.test/a?utm_source=contoso", "https://blog.test/a#contoso"]
)
def test_the_local_part_of_a_mail_address_and_the_query_of_a_link_name_nobody(text: str) -> None:
    assert names(text, BrandRules("Contoso")) == set()
    assert names(f"{text} says Contoso", BrandRules("Contoso")) == {"Contoso"}


def test_a_handle_of_the_fediverse_is_no_mail_address() -> None:
    assert names("ask @contoso@social.test", BrandRules("Contoso")) == {"Contoso"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Google", "I googled it"), ("Google", "ich habe es gegoogelt"), ("Google", "estuve googleando"),
        ("Google", "googling for hours"), ("Acme", "Acmes Kundendienst"), ("Acme", "two Acmes"),
        ("Salesforce", "ein Salesforceadministrator"), ("Spotify", "spotified"), ("Helix Pump", "both helix pumps"),
        ("Acme", "l'Acme"), ("Acme", "d\u2019Acme"),
    ],
)  # fmt: skip
def test_names_are_found_in_their_forms(name: str, text: str) -> None:
    assert names(text, BrandRules(name)) == {name}


def test_a_form_that_is_another_word_is_none() -> None:
    assert names("the canvas is torn", BrandRules("Canva")) == set()
    assert names("nestled in the hills", BrandRules("Nestle")) == set()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["Contoso", "Google", "Monday", "Slack", "Helix Pump", "SAP"]), LETTERS, LETTERS, st.booleans())
def test_a_name_is_never_found_inside_a_longer_word(name: str, front: str, back: str, lower: bool) -> None:
    written = name.lower() if lower else name
    last = name.lower().rpartition(" ")[2]
    forms = {*nominal_forms(last), *verb_forms(last), f"{last}s"}
    texts = [f"x {front}{written} y"]
    if f"{last}{back}" not in forms and not compound(last):
        texts.append(f"x {written}{back} y")
    texts.append(f"x {front}{written}{back} y")
    for text in texts:
        assert names(text, BrandRules(name)) == set() or any(form in text.lower().split() for form in forms), text


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=80), st.text(max_size=80), st.sampled_from(["@slackhq", "slack.com", "Contoso", "contoso.test"])
)
def test_text_elsewhere_never_removes_an_unambiguous_mention(before: str, after: str, mention: str) -> None:
    rules = (BrandRules("Slack"), BrandRules("Contoso"))
    expected = names(f"see {mention} now", *rules)
    assert len(expected) == 1
    assert expected <= names(f"{before}\n\nsee {mention} now\n\n{after}", *rules)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.sampled_from(["Monday", "Box", "Best Buy", "Linear"]))
def test_scores_lie_between_the_threshold_and_one_and_nothing_raises(text: str, name: str) -> None:
    rules = BrandRules(name, hints=("board",), ambiguous=True)
    for found in found_in(f"{text} {name} {text}", rules, title=text, opening=text[::-1]):
        assert found.score is None or THRESHOLD <= found.score <= 1


@given(st.sampled_from([field.name for field in dataclasses.fields(BrandRules)]))
def test_the_digest_changes_with_every_key(key: str) -> None:
    rules = BrandRules("A")
    changed = {"name": "B", "role": "target", "ambiguous": False}.get(key, ("x",))
    assert rules_digest([rules]) != rules_digest([dataclasses.replace(rules, **{key: changed})])


def test_words_given_for_one_key_are_not_taken_for_those_of_another() -> None:
    keys = ("aliases", "exclusions", "context", "domains", "hints")
    assert len({rules_digest([BrandRules("A", **{key: ("x.test",)})]) for key in keys}) == len(keys)


def test_the_everyday_words_hold_the_names_that_trouble_and_no_company() -> None:
    for name in (
        "Monday",
        "Zoom",
        "Oracle",
        "Notion",
        "Box",
        "Stripe",
        "Linear",
        "Apple",
        "Target",
        "Teams",
        "Best Buy",
    ):
        assert everyday(name), name
    for name in ("Okta", "Jira", "Salesforce", "HubSpot", "Microsoft", "Google", "Acme", "monday.com"):
        assert not everyday(name), name
    assert all(word == word.casefold() and word.isalpha() for word in COMMON_WORDS)


def test_what_the_title_or_an_earlier_post_surely_names_settles_the_word() -> None:
    text = "with slack you never know"
    assert found_in(text, SLACK) == []
    assert found_in(text, SLACK, settled=("Slack",))[0].via == "text"
    assert found_in(text, SLACK, title="Slack Connect is down, says @slackhq")[0].via == "text"


def test_a_thread_about_the_everyday_word_is_not_about_the_brand() -> None:
    target = BrandRules("Target")
    assert found_in("we were at 60 percent", target, title="How do you set a sales target?") == []


def _post(number: int, text: str) -> Post:
    return Post(
        f"f:{number}",
        "f",
        Thread("f:t", "f", "Talk", None, NOW),
        text,
        NOW + timedelta(minutes=number),
        "a",
        position=number,
    )


def test_a_scan_stores_the_score_and_only_earlier_posts_settle_what_a_word_means(store: Store) -> None:
    ensure_sources(store, [("f", "forum", None)], NOW)
    word = "with slack you never know"
    write_posts(store, [_post(0, "hello"), _post(1, word), _post(2, "I asked @slackhq"), _post(3, word)], NOW)
    scan_store(store, [SLACK], NOW)
    scores = {row["post_id"]: row["score"] for row in store.rows("SELECT post_id, score FROM mentions")}
    assert scores.keys() == {"f:2", "f:3"}
    assert scores["f:2"] is None
    assert THRESHOLD <= scores["f:3"] < 1
    write_posts(store, [_post(4, word)], NOW + timedelta(hours=1))
    assert scan_store(store, [SLACK], NOW) == 1
    assert store.row("SELECT score FROM mentions WHERE post_id = 'f:4'") is not None


def test_a_sure_score_is_above_the_threshold() -> None:
    assert THRESHOLD < SURE <= 1


@pytest.mark.parametrize("domain", ["https://acme.com", "acme.com/help", "acme", "acme .com", "@acme.com", ""])
def test_a_domain_is_written_bare(domain: str) -> None:
    with pytest.raises(ValidationError, match="bare domain"):
        Brand(name="Acme", domains=(domain,))
    assert Brand(name="Acme", domains=("www.acme.co.uk", "m\u00fcller.example")).domains == (
        "acme.co.uk",
        "m\u00fcller.example",
    )

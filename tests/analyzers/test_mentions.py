from __future__ import annotations

import string
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.alias_shapes import fold_accents
from analyzers.brand_rules import BrandRules, compile_rules, rules_digest
from analyzers.mentions import find_mentions, scan_store
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACME = BrandRules("Acme")


def named(text: str, *rules: BrandRules, title: str = "", opening: str = "") -> list[tuple[str, str]]:
    found = find_mentions(text, title, opening, compile_rules(rules or (ACME,)))
    return [(one.brand, one.via) for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "Acme is down", "acme is down", "ACME!", "(Acme)", "Acme's cloud", "Acme\u2019s cloud", "non-Acme", "Acme-like",
        "@acme help", "@Acme_Support help", "@acmesupport help", "#acme", "#AcmeFail", "#boycottacme", "see acme.com/x",
        "www.acme.com", "mail to sales@acme.com", "我喜欢Acme产品", "Acme社の製品",
        "\uff21\uff23\uff2d\uff25", "acme_cloud",
    ],
)  # fmt: skip
def test_a_name_is_found_as_a_word_a_handle_a_hashtag_and_a_domain(text: str) -> None:
    assert named(text) == [("Acme", "text")]


@pytest.mark.parametrize("text", ["", "pacme", "Acmeville", "acmed.com", "macmed.com", "a c m e", "@pacme", "#xacmey"])
def test_a_piece_of_another_word_is_no_mention(text: str) -> None:
    assert named(text) == []


def test_parts_of_an_alias_may_be_joined_by_space_hyphen_or_nothing_in_a_handle() -> None:
    rules = BrandRules("Nord Werk")
    for text in ("Nord Werk", "nord-werk", "NORD  WERK", "nord\nwerk", "@nordwerk", "#NordWerkFail", "nordwerk.de"):
        assert named(text, rules) == [("Nord Werk", "text")], text
    assert named("Nord of the Werk", rules) == []


def test_accents_fold_both_ways() -> None:
    assert named("nestle is here", BrandRules("Nestlé")) == [("Nestlé", "text")]
    assert named("Müller und NESTLÉ", BrandRules("Muller"), BrandRules("Nestle")) == [
        ("Muller", "text"),
        ("Nestle", "text"),
    ]


def test_scripts_without_spaces_need_no_word_edges() -> None:
    assert named("今日アップルの株が", BrandRules("アップル")) == [("アップル", "text")]
    assert named("삼성은 좋다", BrandRules("삼성")) == [("삼성", "text")]


def test_an_alias_in_capitals_that_is_a_common_word_is_an_acronym() -> None:
    sap = BrandRules("SAP")
    assert named("our SAP rollout", sap) == [("SAP", "text")]
    assert named("the sap of trees", sap) == []
    assert named("ask @sap about it", sap) == [("SAP", "text")]
    assert named("acme again", BrandRules("ACME")) == [("ACME", "text")]


def test_an_exclusion_with_the_alias_strikes_out_only_itself() -> None:
    apple = BrandRules("Apple", exclusions=("apple pie",))
    assert named("I bake apple pie", apple) == []
    assert named("I bake apple pie on my Apple laptop", apple) == [("Apple", "text")]


def test_an_exclusion_without_the_alias_rules_the_text_out() -> None:
    apple = BrandRules("Apple", exclusions=("orchard",), ambiguous=False)
    assert named("Apple harvest in the orchard", apple) == []
    assert named("Apple harvest", apple) == [("Apple", "text")]


def test_context_words_are_asked_for_only_when_given_and_may_stand_in_the_title() -> None:
    box = BrandRules("Box", aliases=("box.com",), context=("upload", "file share"))
    assert named("a box of nails", box) == []
    assert named("Box lost my uploads", box) == [("Box", "text")]
    assert named("Box is slow", box, title="Upload broken") == [("Box", "text")]
    assert named("look at box.com", box) == [("Box", "text")]


def test_a_reply_in_a_thread_about_the_brand_speaks_of_it_through_the_thread() -> None:
    assert named("same here", title="Acme is down") == [("Acme", "thread")]
    assert named("same here", opening="My Acme box is dead") == [("Acme", "thread")]
    assert named("Acme again", title="Acme is down") == [("Acme", "text")]


def test_every_brand_is_named_once() -> None:
    rules = (BrandRules("Acme", aliases=("Acme Cloud", "@acme")), BrandRules("Zeta"))
    assert named("Acme Cloud by Acme beats zeta @acme", *rules) == [("Acme", "text"), ("Zeta", "text")]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["Acme", "Nord Werk", "Nestlé", "SAP", "アップル", "a.b"]))
def test_an_alias_set_apart_by_spaces_is_always_found_and_nothing_raises(text: str, alias: str) -> None:
    rule = BrandRules(alias)
    assert (alias, "text") in named(f"{text} {alias} {text[::-1]}", rule)
    named(text, rule, title=text[::-1], opening=text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=string.ascii_letters + " .,!?'", max_size=120))
def test_brands_do_not_influence_each_other(text: str) -> None:
    a, b = BrandRules("at", ambiguous=False), BrandRules("be", ambiguous=False)
    assert set(named(text, a, b)) == set(named(text, a)) | set(named(text, b))


@given(st.text(max_size=60))
def test_folding_accents_twice_changes_nothing_more(text: str) -> None:
    assert fold_accents(fold_accents(text)) == fold_accents(text)


def test_the_digest_of_the_rules_changes_with_any_word_and_not_with_their_order() -> None:
    one = [BrandRules("A", aliases=("x", "y")), BrandRules("B")]
    assert rules_digest(one) == rules_digest([BrandRules("B"), BrandRules("A", aliases=("y", "x"))])
    assert rules_digest(one) != rules_digest([BrandRules("B"), BrandRules("A", aliases=("x",))])


def test_a_hundred_thousand_posts_take_seconds() -> None:
    rules = compile_rules(
        [BrandRules(f"Brand{n}", aliases=(f"alias {n}", f"@b{n}"), context=("cloud",)) for n in range(5)]
    )
    texts = [f"some post number {n} about Brand{n % 50} and the weather in the cloud of today" for n in range(20_000)]
    began = time.process_time()
    for text in texts:
        find_mentions(text, "A title", "An opening post", rules)
    assert (time.process_time() - began) * 5 < 20


def _post(number: int, text: str, *, thread: str = "1", title: str = "Talk") -> Post:
    talk = Thread(f"f:t{thread}", "f", title, None, NOW)
    position = 0 if number % 10 == 0 else number % 10
    return Post(f"f:{number}", "f", talk, text, NOW + timedelta(minutes=number), "a", position=position)


def _mentions(store: Store) -> set[tuple[str, str, str]]:
    return {(row["post_id"], row["brand"], row["via"]) for row in store.rows("SELECT * FROM mentions")}


@pytest.fixture
def forum(store: Store) -> Store:
    ensure_sources(store, [("f", "forum", None)], NOW)
    return store


def test_scanning_is_incremental_and_repeats_when_rules_or_texts_change(forum: Store) -> None:
    write_posts(forum, [_post(0, "About Acme"), _post(1, "me too"), _post(10, "nothing", thread="2")], NOW)
    assert scan_store(forum, [ACME], NOW) == 3
    assert _mentions(forum) == {("f:0", "Acme", "text"), ("f:1", "Acme", "thread")}
    assert scan_store(forum, [ACME], NOW) == 0
    write_posts(forum, [_post(10, "now with Acme", thread="2")], NOW + timedelta(hours=1))
    assert scan_store(forum, [ACME], NOW) >= 1
    assert ("f:10", "Acme", "text") in _mentions(forum)
    assert scan_store(forum, [BrandRules("Zeta")], NOW) == 3
    assert _mentions(forum) == set()


def test_an_edited_opening_changes_what_its_replies_are_about(forum: Store) -> None:
    write_posts(forum, [_post(0, "my router died"), _post(1, "mine too")], NOW)
    scan_store(forum, [ACME], NOW)
    assert _mentions(forum) == set()
    write_posts(forum, [_post(0, "my router died. EDIT: it is an Acme")], NOW + timedelta(hours=1))
    scan_store(forum, [ACME], NOW)
    assert _mentions(forum) == {("f:0", "Acme", "text"), ("f:1", "Acme", "thread")}

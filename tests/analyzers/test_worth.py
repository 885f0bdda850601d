"""Which posts are worth a person's time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analyzers.aims import aims
from analyzers.worth import Known, asked_threads, worth_a_person
from tocsin.store.records import JudgedPost, ThreadPost, Worth

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
KNOWN = Known(
    roles={"Acme": "own", "Globex": "competitor", "Foodco": "target"},
    staff={"Acme": {"acme_amy"}, "Globex": {"globex"}, "Foodco": {"foodco_max"}},
)


def ago(hours: float) -> datetime:
    return AT - timedelta(hours=hours)


def row(name: str, hours: float, tone: str = "negative", brand: str = "Acme", **other: object) -> JudgedPost:
    shares = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1), "positive": (0.1, 0.1, 0.8)}[tone]
    plain = JudgedPost(
        f"f:{name}", brand, "text", "f", f"f:t-{name}", None, f"f:{name}", ago(hours), ago(hours), f"{brand} {name}",
        None, *shares, 0.1, None, tone=tone, anger=0.1, post_tone=tone,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type]


def worth(*rows: JudgedPost, later: tuple[ThreadPost, ...] = (), busy: tuple[str, ...] = ()) -> list[Worth]:
    posts: dict[str, list[JudgedPost]] = {}
    for one in rows:
        posts.setdefault(one.brand, []).append(one)
    return worth_a_person(posts, aims(posts, KNOWN.staff), later, KNOWN, AT, busy=busy)


def kinds(found: list[Worth]) -> list[tuple[str, str]]:
    return [(one.post_id, one.kind) for one in found]


def answer(thread: str, hours: float, author: str = "f:Acme_Amy", parent: str | None = None) -> ThreadPost:
    return ThreadPost(thread, parent, author, ago(hours))


def test_a_civil_complaint_without_an_answer_for_a_day_is_worth_a_reply() -> None:
    assert kinds(worth(row("old", 30), row("fresh", 5))) == [("f:old", "complaint")]


def test_an_insult_and_a_complaint_about_a_rival_are_not() -> None:
    assert worth(row("rude", 30, hostility=0.9), row("rival", 30, brand="Globex")) == []


def test_a_thread_that_carries_a_backlash_is_left_to_the_episode() -> None:
    assert worth(row("old", 30), busy=("f:t-old",)) == []


def test_an_answer_by_staff_in_time_takes_a_complaint_off_the_list() -> None:
    assert worth(row("old", 30), later=(answer("f:t-old", 20),)) == []


def test_a_late_answer_is_noted_with_its_time() -> None:
    (found,) = worth(row("old", 30), later=(answer("f:t-old", 2), answer("f:t-old", 1)))
    assert found.answered_at == ago(2)


def test_words_of_others_of_staff_before_it_and_of_a_rivals_staff_are_no_answer() -> None:
    others = (
        answer("f:t-old", 20, "f:passer_by"),
        answer("f:t-old", 40),
        answer("f:t-old", 20, "f:globex"),
        answer("f:elsewhere", 20),
    )
    (found,) = worth(row("old", 30), later=others)
    assert found.answered_at is None


def test_praise_that_names_the_brand_or_opens_a_thread_about_it_is_worth_thanking_at_once() -> None:
    opening = replace(row("near", 3, "positive"), via="thread")
    reply = replace(row("below", 2, "positive"), via="thread", thread_id=opening.thread_id)
    found = worth(opening, reply, row("fan", 2, "positive"))
    assert kinds(found) == [("f:near", "advocate"), ("f:fan", "advocate")]


def test_what_is_hardly_negative_is_not_answered() -> None:
    assert worth(row("meh", 30, negative=0.55, neutral=0.4, positive=0.05)) == []


def test_staff_neither_complains_nor_praises() -> None:
    assert worth(row("a", 30, author_id="f:acme_amy"), row("b", 2, "positive", author_id="f:acme_amy")) == []


def test_an_accounts_own_posts_and_posts_on_it_and_us_are_shown() -> None:
    both = row("both", 3, "neutral")
    found = worth(
        both,
        replace(both, brand="Foodco"),
        row("said", 3, "neutral", author_id="f:foodco_max"),
        row("plain", 3, "neutral", "Foodco"),
    )
    assert kinds(found) == [("f:both", "account"), ("f:said", "account")]


def test_only_threads_with_a_complaint_or_praise_are_looked_at_for_answers() -> None:
    posts = {"Acme": [row("a", 30), row("b", 30, "neutral"), row("c", 500)]}
    assert asked_threads(posts, aims(posts, {}), AT) == {"f:t-a"}


@given(
    st.lists(st.tuples(st.floats(0.5, 400), st.sampled_from(["negative", "positive"])), max_size=8), st.floats(0, 400)
)
def test_an_unanswered_complaint_is_never_fresher_than_a_day_nor_older_than_a_week(
    rows: list[tuple[float, str]], answered: float
) -> None:
    made = [row(f"p{place}", hours, tone) for place, (hours, tone) in enumerate(rows)]
    later = tuple(answer(one.thread_id, answered) for one in made)
    for found in worth(*made, later=later):
        (written,) = [one.created_at for one in made if one.post_id == found.post_id]
        assert AT - written < timedelta(days=7)
        if found.kind == "complaint":
            assert (found.answered_at or AT) - written >= timedelta(hours=24)
        assert found.answered_at is None or found.answered_at > written

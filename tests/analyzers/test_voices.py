from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.voices import count_voices, quarrellers
from tocsin.store.records import JudgedPost, Voices

START = datetime(2026, 11, 1, tzinfo=UTC)
COPY = "Share this everywhere: the company sold the data of every single customer to a broker last week"


def post(number: int, author: str | None, text: str | None = None) -> JudgedPost:
    at = START + timedelta(minutes=number)
    return JudgedPost(
        f"f:{number}", "Acme", "text", "f", "f:t1", None, author, at, at, text or f"text number {number} by them", None,
        0.8, 0.1, 0.1, 0.2, None,
    )  # fmt: skip


def test_four_hundred_posts_are_so_many_people_and_wordings() -> None:
    posts = [post(n, f"a{n % 320}", f"complaint number {n % 12} in these words") for n in range(400)]
    voices = count_voices(posts)
    assert (voices.posts, voices.low, voices.high, voices.wordings) == (400, 320, 320, 12)
    assert voices.top5_share == 10 / 400


def test_unknown_authors_give_bounds() -> None:
    voices = count_voices([post(1, "a"), post(2, None), post(3, None)])
    assert (voices.low, voices.high) == (1, 3)
    assert (count_voices([post(1, None), post(2, None)]).low, count_voices([]).low) == (1, 0)


def test_eighty_copies_by_six_accounts_are_named_a_campaign() -> None:
    voices = count_voices([post(n, f"a{n % 6}", COPY) for n in range(80)])
    assert (voices.low, voices.wordings) == (6, 1)
    assert voices.campaign == "copy-paste: 80 of 80 posts, by 6 accounts, are one wording"


def test_few_authors_with_many_posts_are_named() -> None:
    voices = count_voices([post(n, f"a{n % 3}") for n in range(30)])
    assert voices.campaign == "few authors: 3 people wrote 100 % of 30 posts"


def test_a_crowd_in_its_own_words_is_no_campaign() -> None:
    assert (
        count_voices([post(n, f"a{n}", f"opinion {n} on the matter at {n * 7} hand") for n in range(60)]).campaign
        is None
    )


def test_many_people_with_the_same_short_words_are_no_campaign() -> None:
    assert count_voices([post(n, f"a{n}", "same problem here") for n in range(60)]).campaign is None


def test_two_people_who_write_most_of_a_thread_quarrel() -> None:
    row = [post(n, "xy"[n % 2]) for n in range(20)] + [post(30, "c"), post(31, "d")]
    assert quarrellers(row) == {"x", "y"}


def test_a_support_agent_who_answers_everybody_does_not_make_a_quarrel() -> None:
    posts = [post(n, "agent" if n % 2 else f"a{n}") for n in range(40)]
    assert quarrellers(posts) == frozenset()


authors = st.one_of(st.none(), st.sampled_from("abcdefgh"))
heaps = st.lists(st.tuples(authors, st.sampled_from([COPY, "same here", "no", COPY[:60]])), max_size=25)


@settings(max_examples=60)
@given(heaps, st.randoms(use_true_random=False))
def test_counting_does_not_depend_on_the_order(heap: list[tuple[str | None, str]], random: object) -> None:
    posts = [post(n, author, text) for n, (author, text) in enumerate(heap)]
    shuffled = posts.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count_voices(shuffled) == count_voices(posts)
    assert quarrellers(shuffled) == quarrellers(posts)


@settings(max_examples=60)
@given(heaps)
def test_the_bounds_hold(heap: list[tuple[str | None, str]]) -> None:
    posts = [post(n, author, text) for n, (author, text) in enumerate(heap)]
    voices: Voices = count_voices(posts)
    assert voices.low <= voices.high <= voices.posts == len(posts)
    assert voices.wordings <= voices.posts
    assert 0 <= voices.top5_share <= 1

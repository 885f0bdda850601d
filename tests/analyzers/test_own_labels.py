import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.own_labels import BY_CHANCE, CHANCE, Candidate, answer, choose, few_of, margin

candidates = st.builds(
    Candidate,
    post_id=st.integers(0, 60).map(str),
    thread_id=st.sampled_from("abcdef"),
    author_id=st.none() | st.sampled_from("uvwxyz"),
    text_key=st.integers(0, 40).map("{:032x}".format),
)
pools = st.dictionaries(st.sampled_from(["sentiment", "irony", "anger"]), st.lists(candidates, max_size=40))


def many(name: str, count: int) -> list[Candidate]:
    keys = [hashlib.blake2b(f"{name}{i}".encode(), digest_size=16).hexdigest() for i in range(count)]
    return [Candidate(f"{name}{i}", f"{name}{i}", None, key) for i, key in enumerate(keys)]


@given(pools, st.lists(candidates, max_size=40), st.integers(1, 40))
def test_texts_come_once_and_threads_and_authors_a_few_times(
    asked: dict[str, list[Candidate]], by_chance: list[Candidate], count: int
) -> None:
    chosen = [found.candidate for found in choose(asked, by_chance, count)]
    assert len(chosen) <= count
    assert len({candidate.text_key for candidate in chosen}) == len(chosen)
    threads = Counter(candidate.thread_id for candidate in chosen)
    authors = Counter(candidate.author_id for candidate in chosen if candidate.author_id)
    assert max([*threads.values(), *authors.values()], default=0) <= few_of(count)


@given(pools, st.lists(candidates, max_size=40), st.integers(1, 40))
def test_nothing_that_would_fit_is_left_out(
    asked: dict[str, list[Candidate]], by_chance: list[Candidate], count: int
) -> None:
    chosen = [found.candidate for found in choose(asked, by_chance, count)]
    texts = {candidate.text_key for candidate in chosen}
    threads = Counter(candidate.thread_id for candidate in chosen)
    authors = Counter(candidate.author_id for candidate in chosen)
    if len(chosen) < count:
        for candidate in [*by_chance, *(found for pool in asked.values() for found in pool)]:
            crowded = threads[candidate.thread_id] >= few_of(count)
            busy = candidate.author_id is not None and authors[candidate.author_id] >= few_of(count)
            assert candidate.text_key in texts or crowded or busy


def test_every_question_gets_its_turn_and_chance_its_fifth() -> None:
    asked = {task: many(task, 200) for task in ("sentiment", "hostility", "irony", "anger")}
    why = Counter(found.why for found in choose(asked, many("any", 200), 100))
    assert why == {CHANCE: 100 * BY_CHANCE, "sentiment": 20, "hostility": 20, "irony": 20, "anger": 20}


def test_a_question_without_posts_leaves_its_rows_to_the_others() -> None:
    why = Counter(found.why for found in choose({"irony": [], "anger": many("a", 99)}, many("any", 99), 50))
    assert why == {CHANCE: 10, "anger": 40}


def test_the_least_sure_are_taken_and_the_rows_stand_in_no_order_of_doubt() -> None:
    pool = many("p", 500)
    chosen = [found.candidate for found in choose({"irony": pool}, [], 50)]
    assert set(chosen) == set(pool[:50])
    assert [candidate.text_key[16:] for candidate in chosen] == sorted(candidate.text_key[16:] for candidate in chosen)


@pytest.mark.parametrize(
    ("chances", "offset", "said", "ahead"),
    [
        ((0.7, 0.2, 0.1), (), "negative 0.70", 0.5),
        ((0.1, 0.45, 0.45), (0.0, 0.0, 0.7), "positive 0.45", 0.32),
        ((0.0, 0.0, 1.0), (), "positive 1.00", 1.0),
    ],
)
def test_a_person_reads_the_label_that_is_said_and_its_own_probability(
    chances: tuple[float, ...], offset: tuple[float, ...], said: str, ahead: float
) -> None:
    assert answer(("negative", "neutral", "positive"), chances, offset) == said
    assert margin(chances, offset) == pytest.approx(ahead, abs=0.01)

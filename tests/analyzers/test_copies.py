from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.copies import copied_texts, copy_numbers, count_copied, effective_voices, in_same_order

COPY = "Share this everywhere: the company sold the data of every single customer to a broker last week"
POOL = (
    "The gateway fails every single night at two.",
    "Nobody at their support desk ever picks up.",
    "We lost a whole week of data again.",
    "Do not renew your contract with them now.",
)


def test_a_template_with_other_names_figures_emoji_and_links_is_one_text() -> None:
    texts = [
        f"I am {name} from {town} and after {years} years I can only warn everybody about their contract {mark}"
        for name, town, years, mark in (
            ("Anna", "Ulm", 3, "👎"),
            ("Ben", "Graz", 12, "https://x.example/7"),
            ("Carla", "Bern", 25, "!!"),
        )
    ]
    assert len(set(copy_numbers(texts))) == 1


def test_sentences_in_another_choice_and_order_are_one_text() -> None:
    texts = [" ".join(POOL[at] for at in choice) for choice in ((0, 1, 2), (3, 1, 0), (2, 3, 1), (1, 2, 3))]
    assert len(set(copy_numbers(texts))) == 1


def test_people_who_quote_one_sentence_and_add_their_own_do_not_copy_each_other() -> None:
    own = ("This cannot be true and I want to hear more", "Our plant runs on it, so tell me who decides such things")
    texts = [f"> {COPY}\n\n{words}" for words in own]
    assert len(set(copy_numbers(texts))) == 2


def test_short_texts_are_copies_only_word_for_word() -> None:
    one, again, other, none = copy_numbers(["Boycott Acme now", "boycott acme NOW!", "Boycott Acme today", "👎"])
    assert one == again != other
    assert max(one, other) < -1 == none


def test_many_people_who_say_same_here_copy_nothing_and_six_who_repeat_a_slogan_do() -> None:
    people, few = [f"a{n}" for n in range(80)], [f"a{n % 6}" for n in range(80)]
    numbers = copy_numbers(["same problem here"] * 80)
    assert copied_texts(range(80), people, numbers) == []
    (slogan,) = copied_texts(range(80), few, numbers)
    assert (slogan.organised, len(slogan.accounts), len(slogan.places)) == (True, 6, 80)


def test_a_petition_that_people_paste_once_each_is_shared_and_not_organised() -> None:
    people = [f"a{n % 180}" for n in range(200)]
    (petition,) = copied_texts(range(200), people, copy_numbers([COPY] * 200))
    assert not petition.organised
    assert 5 < count_copied(range(200), people, [petition]) <= 10


def test_accounts_that_came_new_for_a_text_organise_it() -> None:
    people = [f"a{n}" for n in range(20)]
    (text,) = copied_texts(range(20), people, copy_numbers([COPY] * 20), lambda accounts: len(accounts) == 20)
    assert text.organised
    assert count_copied(range(20), people, [text]) == 1


def test_accounts_that_paste_several_texts_once_each_repeat_themselves() -> None:
    other = "Ask for your money back as long as you can because this vendor will not be here next year"
    people = [f"a{n % 8}" for n in range(16)]
    found = copied_texts(range(16), people, copy_numbers([COPY] * 8 + [other] * 8))
    assert [text.organised for text in found] == [True, True]


def test_a_voice_of_its_own_stays_one_though_it_also_shares() -> None:
    people = ["a", "b", "c", "d", "a"]
    copied = copied_texts(range(5), people, copy_numbers([*[COPY] * 4, "something that only a says in these words"]))
    assert count_copied(range(5), people, copied) == 1 + effective_voices(3)


def test_people_who_pass_on_one_text_count_as_ten_at_most() -> None:
    assert [effective_voices(people) for people in (0, 1, 9, 10, 100, 10_000)] == [0, 1, 1, 5, 9, 10]


words = st.lists(st.sampled_from("abcd"), max_size=9)


@settings(max_examples=200)
@given(words, words)
def test_words_in_the_same_order_are_counted_as_the_textbook_does(one: list[str], other: list[str]) -> None:
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    assert in_same_order(one, other) == table[-1][-1] == in_same_order(other, one)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([COPY, COPY[:70], "no", POOL[0]])), max_size=30))
def test_copies_never_make_more_voices_than_accounts(heap: list[tuple[str, str]]) -> None:
    people, places = [author for author, _ in heap], range(len(heap))
    copied = copied_texts(places, people, copy_numbers([text for _, text in heap]))
    assert min(len(heap), 1) <= count_copied(places, people, copied) <= len(set(people))


def test_a_crowd_that_talks_in_few_phrases_and_mostly_speaks_once_does_not_organise() -> None:
    rng = random.Random(2)
    phrases = [f"I am leaving this vendor for good because the {word} broke once more" for word in "abcdef"]
    crowd = [f"p{rng.randrange(320)}" for _ in range(400)]
    found = copied_texts(range(400), crowd, copy_numbers([rng.choice(phrases) for _ in crowd]))
    assert found
    assert not any(text.organised for text in found)
    eight = [f"k{n % 8}" for n in range(400)]
    found = copied_texts(range(400), eight, copy_numbers([phrases[n // 8 % 6] for n in range(400)]))
    assert all(text.organised for text in found)

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.wordings import SAME, Groups, jaccard, shingles, wordings

LONG = "Share this everywhere: the company sold the data of every single customer to a broker last week"


def test_near_duplicates_are_one_wording_and_others_are_not() -> None:
    texts = [
        LONG,
        LONG + " 👈",
        LONG.lower() + " share",
        "The update broke my line again and support is silent today",
        LONG,
    ]
    assert wordings(texts) == [0, 0, 0, 1, 0]


def test_links_and_handles_do_not_make_a_wording_new() -> None:
    assert len(set(wordings([f"@anna {LONG} https://a.example/1", f"@bert {LONG} https://b.example/2"]))) == 1


def test_scripts_without_spaces_have_shingles_too() -> None:
    assert len(shingles("この会社は顧客のデータを売りました")) > 5


def test_texts_without_a_word_are_each_their_own() -> None:
    assert len(set(wordings(["😡", "😡", ""]))) == 3


texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12).map(" ".join), max_size=12)


@settings(max_examples=50)
@given(texts, st.randoms(use_true_random=False))
def test_the_grouping_does_not_depend_on_the_order(texts: list[str], random: object) -> None:
    shuffled = list(range(len(texts)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = wordings(texts), wordings([texts[place] for place in shuffled])
    pairs = {(a, b) for a in range(len(texts)) for b in range(len(texts)) if one[a] == one[b]}
    assert pairs == {
        (shuffled[a], shuffled[b]) for a in range(len(texts)) for b in range(len(texts)) if other[a] == other[b]
    }


@settings(max_examples=50)
@given(texts)
def test_every_near_pair_is_one_wording(texts: list[str]) -> None:
    labels, sets = wordings(texts), [shingles(text) for text in texts]
    for a in range(len(texts)):
        for b in range(a):
            if jaccard(sets[a], sets[b]) >= SAME + 0.1:
                assert labels[a] == labels[b]


def test_groups_join_transitively() -> None:
    groups = Groups()
    groups.join(1, 2)
    groups.join(2, 3)
    assert groups.root(1) == groups.root(3) != groups.root(4)

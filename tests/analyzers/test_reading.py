import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from analyzers.heads import PAIR_TASKS, POST_TOKENS, ROOM
from analyzers.reading import FIRST, NAMED, SECOND, Reader, conversation, places
from tocsin.config import shipped

WORDS = st.sampled_from(["acme", "pump", "is", "great", "awful", "#fail", "GmbH", "the", "-", "12"])


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Tokenizer.from_file(str(shipped("data", "model") / "tokenizer.json")))


def words_of(reader: Reader, ids: tuple[int, ...]) -> list[str]:
    return [str(reader.tokenizer.id_to_token(identity)) for identity in ids]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("#ServiceWithASmile", "# Service With A Smile"),
        ("#customerservicefail again", "# customer service fail again"),
        ("#GDPR", "# gdpr"),
        ("a&#b /path#anchor", "a&#b /path#anchor"),
        ("#日本語", "#日本語"),
    ],
)
def test_hashtags_are_read_as_their_words(reader: Reader, text: str, spoken: str) -> None:
    assert reader.spoken(text).replace("# 日本語", "#日本語") == spoken


def test_a_post_in_capitals_says_so_and_an_abbreviation_does_not(reader: Reader) -> None:
    assert reader.spoken("FIX THIS NOW PLEASE").startswith("in capitals: ")
    assert reader.spoken("ISO 27001 for SAP users") == "ISO 27001 for SAP users"


def test_where_a_post_names_the_target_is_marked(reader: Reader) -> None:
    (reading,) = reader.pairs("target_sentiment", ["Acme Flow is great, Globex is not"], ["Globex"])
    named = [word for word, part in zip(words_of(reader, reading.ids), reading.parts, strict=True) if part == NAMED]
    assert "".join(word.removeprefix("##") for word in named) == "globex"
    assert reading.types == tuple(int(part == SECOND) for part in reading.parts)


def test_a_long_post_is_read_around_the_target_and_a_long_talk_at_its_end(reader: Reader) -> None:
    filler = "word " * 400
    (around,) = reader.pairs("target_sentiment", [filler + "acme " + filler], ["acme"])
    assert NAMED in around.parts
    (end,) = reader.pairs("derailment", [filler + "last words"], ["and now"])
    assert words_of(reader, end.ids)[ROOM["derailment"].first - 1 : ROOM["derailment"].first + 1] == ["last", "words"]


@given(st.lists(WORDS, max_size=300).map(" ".join), st.lists(WORDS, max_size=100).map(" ".join))
@pytest.mark.parametrize("task", PAIR_TASKS)
def test_a_pair_never_outgrows_its_room(reader: Reader, task: str, first: str, second: str) -> None:
    (reading,) = reader.pairs(task, [first], [second])
    assert len(reading.ids) == len(reading.types) == len(reading.parts)
    assert len(reading.ids) <= ROOM[task].first + ROOM[task].second + 3
    assert {FIRST, SECOND} <= set(reading.parts)


@given(st.lists(WORDS, max_size=300).map(" ".join))
def test_a_post_never_outgrows_its_tokens(reader: Reader, text: str) -> None:
    (reading,) = reader.posts([text])
    assert 2 <= len(reading.ids) <= POST_TOKENS


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=3))
def test_places_are_where_it_stands(first: list[int], second: list[int]) -> None:
    found = places(first, second)
    assert all(first[at : at + len(second)] == second for at in found)
    assert bool(found) == (bool(second) and any(first[i : i + len(second)] == second for i in range(len(first))))


def test_empty_comments_are_no_part_of_a_conversation() -> None:
    assert conversation(["one", " ", "two", "three"]) == ("one \u2022 two", "three")
    assert conversation([]) == ("", "")

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.text import MAX_CHARACTERS, normalize, text_key


def test_links_handles_and_emoji_become_words_the_encoder_knows() -> None:
    assert normalize("@acme_support see https://x.test/a?b=1 😡") == "@user see http enraged face"


def test_an_address_of_a_mail_is_not_taken_for_a_handle() -> None:
    assert normalize("write to info@acme.test") == "write to info@acme.test"


def test_entities_are_read_as_the_characters_they_stand_for() -> None:
    assert normalize("R&amp;D &lt;3") == "R&D <3"


def test_invisible_characters_and_nul_become_space() -> None:
    assert normalize("a\x00b\u200bc\n\n d") == "a b c d"


def test_a_ten_megabyte_post_is_cut_before_any_work_is_done() -> None:
    assert len(normalize("xy" * 5_000_000)) == MAX_CHARACTERS


def test_runs_of_a_letter_or_a_sign_are_cut_to_three_and_figures_are_left_alone() -> None:
    assert normalize("sooooo good!!!!!! \U0001f621\U0001f621\U0001f621\U0001f621\U0001f621 10000000") == (
        "sooo good!!! enraged face enraged face enraged face 10000000"
    )


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_the_normal_form_is_one_trimmed_line(text: str) -> None:
    normal = normalize(text)
    assert normal == " ".join(normal.split())
    assert "\x00" not in normal


@given(st.text(max_size=80))
def test_texts_of_one_normal_form_share_a_key(text: str) -> None:
    assert text_key(text) == text_key("  " + text.replace(" ", "\t") + "\n")

"""Strangers' words, cleaned and shortened."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.digest.quotes import QUOTE_CHARACTERS, clean, permalink, quote

ANY_TEXT = st.text(st.characters(), max_size=900)


@given(ANY_TEXT)
def test_a_quote_is_one_short_line_without_hidden_characters(text: str) -> None:
    said = quote(text)
    assert len(said) <= QUOTE_CHARACTERS
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in said)
    assert not set(said) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff")
    said.encode()


def test_long_text_is_cut_at_a_word() -> None:
    said = quote("never again " * 60)
    assert said.endswith(("never\u2026", "again\u2026"))
    assert 200 < len(said) <= QUOTE_CHARACTERS


def test_a_stranger_s_link_is_named_but_cannot_be_followed() -> None:
    assert quote("see https://evil.example/login?x=1 now") == "see [link: evil.example] now"
    assert "http" not in quote("http://[broken and www.evil.example/x")


def test_bidirectional_tricks_and_piled_marks_are_flattened() -> None:
    assert clean("pay\u202eevil\u202c now") == "payevil now"
    assert len(clean("Z" + "\u0335\u0336\u0337" * 50)) <= 3


def test_emoji_and_other_scripts_survive() -> None:
    assert clean(
        "\U0001f469\u200d\U0001f52c \u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    ) == ("\U0001f469\u200d\U0001f52c \u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "https://user:pass@a.example/",
        'https://a.example/" onclick="x',
        "https://a.example/a b",
        "https://a.example/\u202egpj.exe",
        "http://[::1",
        "//a.example/",
        "",
        None,
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    assert permalink(url) is None


@pytest.mark.parametrize(
    "url", ["https://a.example/t/1#post-2", "http://127.0.0.1:8000/x?y=1&z=2", "HTTPS://A.example"]
)
def test_permalinks_are_kept_as_they_are(url: str) -> None:
    assert permalink(url) == url

"""What the encoder reads: one normal form of a post's text, the same in training and in tagging.

The embedded encoder's vocabulary has no emoji (they become `[UNK]`) and knows neither handles nor
addresses, so emoji are spelled out, @names become `@user` and links `http`, which is also how the
public tweet corpora it was trained on are masked (TweetEval, Barbieri et al. 2020).
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from typing import Any

import emoji

MAX_CHARACTERS = 20_000
"""Longer posts are cut before tokenizing: the model reads 128 tokens, a 10 MB post must cost no more."""

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@/])@\w[\w.\-]*")
_RUN = re.compile(r"([a-zA-Z]|[^\w\s])\1{3,}")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def normalize(text: str) -> str:
    """Return `text` as the encoder expects it: one line, links `http`, handles `@user`, emoji as words.

    No letter or sign stands more than three times in a row.
    """
    text = _RUN.sub(r"\1\1\1", html.unescape(text[:MAX_CHARACTERS]))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u2018", "'")
        text = emoji.replace_emoji(text, _spell)
    text = _CONTROL.sub(" ", text)
    text = _LINK.sub("http", text)
    text = _HANDLE.sub("@user", text)
    return _SPACE.sub(" ", text).strip()


def text_key(text: str) -> str:
    """Return the identity of `text` for the model: equal keys get equal tags (32 hex digits, BLAKE2b)."""
    return hashlib.blake2b(normalize(text).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _spell(symbol: str, data: dict[str, Any]) -> str:
    name = str(data.get("en") or symbol)
    return " " + name.strip(":").replace("_", " ") + " "

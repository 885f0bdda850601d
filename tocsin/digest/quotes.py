"""Strangers' words, made safe to quote in a mail: cleaned, shortened, links checked. Escaping is the template's."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

QUOTE_CHARACTERS = 280
LABEL_CHARACTERS = 120

# C0 and C1 controls, lone surrogates, zero-width and bidirectional controls (UAX 9), tags, specials:
# they hide text, turn a line around or break a mail's encoding. ZWJ and ZWNJ stay, emoji and scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0e\ufeff\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"\s+")
_PILED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` on one line without characters that hide, reorder or pile up."""
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _SPACE.sub(" ", _PILED_MARKS.sub(r"\1", text)).strip()


def quote(text: str, limit: int = QUOTE_CHARACTERS) -> str:
    """Return `text` cleaned and cut at a word to at most `limit` characters; addresses become `[link: host]`.

    Mail programs turn bare addresses into links, and a stranger's link has no place in a PR team's inbox.
    """
    return shortened(clean(_ADDRESS.sub(_masked, text[: limit * 20])), limit)


def shortened(text: str, limit: int = LABEL_CHARACTERS) -> str:
    """Return `text` cut at a word boundary to at most `limit` characters, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else head).rstrip(" ,;:.-") + "\u2026"


def label(text: str) -> str:
    """Return a name, handle or title, cleaned and short."""
    return shortened(clean(text))


def permalink(url: str | None) -> str | None:
    """Return `url` when it is a plain http or https address that is safe to link to, else None."""
    if not url or len(url) > 2_000 or re.search(r"[\s\x00-\x20\x7f<>\"\\^`{|}]", url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return url if usable and clean(url) == url else None


def _masked(found: re.Match[str]) -> str:
    address = found.group()
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname
    except ValueError:
        host = None
    return f"[link: {host}]" if host else "[link]"

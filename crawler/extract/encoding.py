"""Bytes to text: BOM, HTTP header, meta declaration, then a guess; never an exception."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes
from w3lib.encoding import html_to_unicode

_SAMPLE_BYTES = 60_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff]")
_CONTROL_BYTES = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)])


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the page as text without NULs, other control characters and lone surrogates.

    The order is that of browsers: BOM, `content_type` (the HTTP header), `<meta charset>`, strict
    UTF-8, then a guess from a sample. Broken bytes become U+FFFD.
    """
    _, text = html_to_unicode(content_type, body, auto_detect_fun=_guess, default_encoding="utf-8")
    return clean(text)


def clean(text: str) -> str:
    """Return `text` without the characters that XML parsers and databases refuse."""
    # Most pages have none of them: to find that out from the bytes takes a fifth of the time.
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return _CONTROL.sub("", text)
    return text if len(encoded.translate(None, _CONTROL_BYTES)) == len(encoded) else _CONTROL.sub("", text)


def _guess(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A lone broken byte does not make a UTF-8 page another encoding.
        if _mostly_utf8(body):
            return "utf-8"
        sample = body[max(0, error.start - 2_000) : error.start + _SAMPLE_BYTES]
        best = from_bytes(sample, steps=5, chunk_size=512).best()
        return best.encoding if best is not None else "windows-1252"
    return "utf-8"


def _mostly_utf8(body: bytes) -> bool:
    sample = body[:_SAMPLE_BYTES]
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    high = sum(1 for _ in re.finditer(rb"[\xc2-\xf4][\x80-\xbf]+", sample))
    return high > 10 * broken

"""Mbox files, message by message, from a stream. Pure.

`mailbox.mbox` wants an unpacked file on disk, indexes the whole of it first and cuts at every line
that begins with "From ", which letters do too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAX_MAIL = 4 * 1024 * 1024
"""Bytes of one mail that are read; what is longer is attachments."""

_HEADER = re.compile(rb"^[!-9;-~]{1,100}:")
_YEAR = re.compile(rb"\b(?:19|20)\d\d\b")
_ESCAPED = re.compile(rb"^>+From ")


def messages(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the line on which it begins, from 1; the message without its mbox line)."""
    held: list[bytes] | None = None
    size = began = 0
    opening: tuple[int, bytes] | None = None
    for number, line in enumerate(lines, 1):
        if opening is not None:
            # A separator is one only when a header follows: "From now on, ..." is not.
            if _HEADER.match(line):
                if held is not None:
                    yield began, b"".join(held)
                held, size, began = [], 0, opening[0]
            elif held is not None:
                held.append(opening[1])
            opening = None
        if line.startswith(b"From ") and _YEAR.search(line):
            opening = (number, line)
        elif held is not None and size < MAX_MAIL:
            size += len(line)
            held.append(line[1:] if _ESCAPED.match(line) else line)
    if held is not None:
        yield began, b"".join(held)

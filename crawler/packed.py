"""Gzipped bodies, unpacked within a limit: a small file must not become a large one. Pure."""

from __future__ import annotations

import zlib

from crawler.errors import NotUnderstoodError

MAX_BYTES = 64 * 1024 * 1024
"""A body that unpacks to more is refused: a month of a busy mailing list has about 10 MB, a sitemap at most 50."""

_MAGIC = b"\x1f\x8b"


def unpacked(body: bytes, limit: int = MAX_BYTES) -> bytes:
    """Return `body`, unpacked when it is gzip (also of several members). A file cut short gives what is there.

    Raises `NotUnderstoodError` when it unpacks to more than `limit` bytes or is broken from its start.
    """
    if not body.startswith(_MAGIC):
        return body
    parts: list[bytes] = []
    size = 0
    rest = body
    while rest.startswith(_MAGIC):
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(rest, limit - size + 1)
        except zlib.error as error:
            if parts:
                break
            raise NotUnderstoodError("the gzip file is broken") from error
        size += len(part)
        if size > limit:
            raise NotUnderstoodError(f"the gzip file unpacks to more than {limit // 2**20} MB, which are not read")
        parts.append(part)
        rest = member.unused_data
    return b"".join(parts)

"""The file channel: the digest as `.eml` and `.html` in the outbox folder, complete or not there at all."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tocsin.digest.errors import ChannelDown
from tocsin.digest.message import mark, message_for
from tocsin.store.records import Digest


class FileChannel:
    """Writes into `folder`. The names say date and brands, so writing again gives the same files."""

    name = "file"

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ChannelDown(f"{self._folder}: {error.strerror}; check mail.outbox and the folder's owner") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open."""

    def send(self, digest: Digest, recipient: str) -> str:
        """Write both files; return the path of the `.eml`."""
        letter, page = paths(self._folder, digest, recipient)
        try:
            _write(page, digest.html.encode())
            _write(letter, message_for(digest, self._sender, recipient).as_bytes())
        except OSError as error:
            raise ChannelDown(f"{self._folder}: {error.strerror}; check its owner and the free space") from error
        return str(letter)


def paths(folder: Path, digest: Digest, recipient: str) -> tuple[Path, Path]:
    """Return the `.eml` of one recipient and the `.html` that all readers of the digest share.

    `2026-11-22-acme.html`, `2026-11-22-acme-1f0c2d3e.eml`; the mark stands for the recipient's address.
    """
    stem = f"{digest.for_date}-{_slug(digest.audience)}"
    suffix = f"-{mark(recipient)}" if recipient else ""
    return folder / f"{stem}{suffix}.eml", folder / f"{stem}.html"


def _slug(audience: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", audience.lower()).strip("-")
    whole = len(words) <= 48 and words == audience.lower().replace(", ", "-").replace(" ", "-")
    return words if whole and words else f"{words[:40].rstrip('-')}-{mark(audience)}".lstrip("-")


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise

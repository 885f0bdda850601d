"""Ways out of the house. Each sibling has one class of the shape `Channel`."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from tocsin.store.records import Digest


class Channel(Protocol):
    """Takes digests to recipients while it is open (`with channel:`)."""

    @property
    def name(self) -> str:
        """What `deliveries.channel` calls it."""

    def __enter__(self) -> Self:
        """Open it. Raises `ChannelDown` when nobody can be served now."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; never raises."""

    def send(self, digest: Digest, recipient: str) -> str:
        """Hand over one digest; return a receipt in words.

        Raises `DeliveryError` when this recipient cannot be served, `ChannelDown` when nobody can.
        """

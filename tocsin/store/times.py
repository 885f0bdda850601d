"""Times as the store keeps them: ISO 8601 UTC text of one fixed width, so that they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Return `moment` as the store writes it. Raises `ValueError` for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; the store keeps aware times only")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    text = moment.isoformat()  # to name its timespec takes twice as long
    return text if moment.microsecond else f"{text[:19]}.000000{text[19:]}"


def from_text(text: str) -> datetime:
    """Return the aware UTC time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def maybe_text(moment: datetime | None) -> str | None:
    """Return `to_text(moment)`, None for None."""
    return None if moment is None else to_text(moment)


def maybe_time(text: str | None) -> datetime | None:
    """Return `from_text(text)`, None for None."""
    return None if text is None else from_text(text)

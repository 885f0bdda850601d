"""Digests and the outbox: rendered once, delivered per recipient, resent after failure, never twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.records import Delivery, Digest
from tocsin.store.times import from_text, maybe_time, to_text


def digest_for(store: Store, for_date: str, audience: str) -> Digest | None:
    """Return the digest of a local date for an audience, None when there is none."""
    found = store.row("SELECT * FROM digests WHERE for_date = ? AND audience = ?", [for_date, audience])
    return _digest(found) if found else None


def digest_by_id(store: Store, digest_id: str) -> Digest:
    """Return a digest. Raises `StoreError` for an unknown id."""
    found = store.row("SELECT * FROM digests WHERE id = ?", [digest_id])
    if not found:
        raise StoreError(f"digest {digest_id}: no such digest in {store.path}")
    return _digest(found)


def latest_digest(store: Store) -> Digest | None:
    """Return the digest made last, None when there is none."""
    found = store.row("SELECT * FROM digests ORDER BY created_at DESC, id LIMIT 1")
    return _digest(found) if found else None


def save_digest(store: Store, digest: Digest, deliveries: Sequence[tuple[str, str]]) -> None:
    """Keep a digest with its deliveries, given as (channel, recipient), in one transaction.

    A digest of the same date and audience that is already there is left as it is, and so are its deliveries.
    """
    with store.transaction():
        added = store.run(
            """INSERT INTO digests (id, for_date, audience, created_at, subject, html, text, message_id)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                *(digest.id, digest.for_date, digest.audience, to_text(digest.created_at)),
                *(digest.subject, digest.html, digest.text, digest.message_id),
            ],
        )
        if added:
            store.run_many(
                "INSERT OR IGNORE INTO deliveries (digest_id, channel, recipient, state) VALUES (?, ?, ?, 'pending')",
                [(digest.id, channel, recipient) for channel, recipient in deliveries],
            )


def pending_deliveries(store: Store) -> list[Delivery]:
    """Return what still has to leave the house (pending, or failed before), oldest first."""
    return [_delivery(row) for row in store.rows("SELECT * FROM deliveries WHERE state <> 'sent' ORDER BY id")]


def mark_sent(store: Store, delivery_id: int, now: datetime) -> None:
    """Note that the channel took a delivery."""
    store.run(
        "UPDATE deliveries SET state = 'sent', attempts = attempts + 1, last_error = NULL, sent_at = ? WHERE id = ?",
        [to_text(now), delivery_id],
    )


def mark_failed(store: Store, delivery_id: int, error: str) -> None:
    """Note that the channel refused a delivery; a delivery already sent stays sent."""
    store.run(
        """UPDATE deliveries SET state = 'failed', attempts = attempts + 1, last_error = ?
           WHERE id = ? AND state <> 'sent'""",
        [error, delivery_id],
    )


def _digest(row: sqlite3.Row) -> Digest:
    return Digest(
        id=row["id"],
        for_date=row["for_date"],
        audience=row["audience"],
        created_at=from_text(row["created_at"]),
        subject=row["subject"],
        html=row["html"],
        text=row["text"],
        message_id=row["message_id"],
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        digest_id=row["digest_id"],
        channel=row["channel"],
        recipient=row["recipient"],
        state=row["state"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        sent_at=maybe_time(row["sent_at"]),
    )

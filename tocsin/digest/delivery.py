"""The outbox: every pending delivery is handed to its channel, and what happened is noted at once.

Between a mail server's "250 taken" and our note of it lies one write. Killed in that instant, the
next run sends again: a lost alarm is worse than a second copy. The copy carries the same Message-ID,
by which servers and mail programs tell duplicates (RFC 5321, 6.1; RFC 5322, 3.6.4).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.digest.channels import Channel
from tocsin.digest.errors import ChannelDown, DeliveryError
from tocsin.store.database import Store
from tocsin.store.digests import digest_by_id, mark_failed, mark_sent, pending_deliveries
from tocsin.store.records import Delivery

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(days=7)
"""A week-old digest is no longer news; `tocsin deliver` still sends it when asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One delivery. `said` is the channel's receipt when `sent`, its error when not."""

    digest_id: str
    channel: str
    recipient: str
    sent: bool
    said: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one round did. `given_up` deliveries are too old to be tried by themselves."""

    outcomes: tuple[Outcome, ...] = ()
    given_up: int = 0

    @property
    def sent(self) -> int:
        """How many were taken."""
        return sum(outcome.sent for outcome in self.outcomes)

    @property
    def failed(self) -> int:
        """How many were not."""
        return len(self.outcomes) - self.sent


def deliver(
    store: Store, channels: Mapping[str, Channel], now: datetime, *, give_up_after: timedelta | None = GIVE_UP_AFTER
) -> DeliveryReport:
    """Deliver what is pending or failed before, each once; one recipient's failure never stops the others.

    Deliveries of digests older than `give_up_after` (None: no limit) stay as they are. Raises `StoreError`.
    """
    waiting: dict[str, list[Delivery]] = {}
    given_up = 0
    for delivery in pending_deliveries(store):
        if give_up_after is not None and digest_by_id(store, delivery.digest_id).created_at < now - give_up_after:
            given_up += 1
        else:
            waiting.setdefault(delivery.channel, []).append(delivery)
    outcomes: list[Outcome] = []
    for name, deliveries in waiting.items():
        channel = channels.get(name)
        if channel is None:
            said = f"the channel {name!r} is not configured any more; set mail.channel and mail.smtp"
            outcomes += [_failed(store, delivery, said) for delivery in deliveries]
        else:
            outcomes += _through(store, channel, deliveries, now)
    return DeliveryReport(tuple(outcomes), given_up)


def _through(store: Store, channel: Channel, deliveries: Iterable[Delivery], now: datetime) -> Iterable[Outcome]:
    left = list(deliveries)
    outcomes = []
    try:
        with channel:
            while left:
                try:
                    receipt = channel.send(digest_by_id(store, left[0].digest_id), left[0].recipient)
                except ChannelDown:
                    raise
                except DeliveryError as error:
                    outcomes.append(_failed(store, left.pop(0), str(error)))
                else:
                    mark_sent(store, left[0].id, now)
                    done = left.pop(0)
                    outcomes.append(Outcome(done.digest_id, done.channel, done.recipient, True, receipt))
    except ChannelDown as error:
        outcomes += [_failed(store, delivery, str(error)) for delivery in left]
    return outcomes


def _failed(store: Store, delivery: Delivery, error: str) -> Outcome:
    mark_failed(store, delivery.id, error)
    logger.warning("delivery %d over %s failed: %s", delivery.id, delivery.channel, error)
    return Outcome(delivery.digest_id, delivery.channel, delivery.recipient, False, error)

"""The digests of one date: one for each audience, rendered once and laid into the outbox."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.digest.content import Content, compose
from tocsin.digest.facts import Occasion
from tocsin.digest.gather import Audience, Listening, gather
from tocsin.digest.message import domain_of
from tocsin.digest.render import Rendered, render
from tocsin.store.database import Store
from tocsin.store.digests import digest_for, save_digest
from tocsin.store.records import Digest

NO_OCCASION = Occasion()


@dataclass(frozen=True, slots=True)
class Built:
    """A digest of the date; `new` is False when it was there already."""

    digest: Digest
    new: bool


def audiences_of(
    recipients: Sequence[tuple[str, Sequence[str]]], brands: Sequence[str], channel: str
) -> tuple[Audience, ...]:
    """Group recipients (address, wanted brands; none: all) by the set of brands they want.

    Without any recipient there is one audience, of all brands, whose digest goes to the file outbox.
    """
    if not recipients:
        return (_audience(brands, (("file", ""),)),)
    wanted: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for address, names in recipients:
        wanted.setdefault(tuple(sorted(set(names or brands))), []).append((channel, address))
    return tuple(_audience(names, tuple(dict.fromkeys(found))) for names, found in sorted(wanted.items()))


def build_digests(
    store: Store,
    audiences: Sequence[Audience],
    now: datetime,
    for_date: str,
    *,
    listening: Listening,
    sender: str,
    occasion: Occasion = NO_OCCASION,
) -> list[Built]:
    """Render and keep the digest of `for_date` for each audience that has none yet.

    Raises `RenderError`, `StoreError`; digests kept before the error stay.
    """
    built = []
    for audience in audiences:
        found = digest_for(store, for_date, audience.name)
        if found is None:
            rendered = draft(store, audience, now, for_date, listening=listening, occasion=occasion)[1]
            found = _digest(audience, rendered, now, for_date, sender)
            save_digest(store, found, audience.deliveries)
            built.append(Built(found, True))
        else:
            built.append(Built(found, False))
    return built


def draft(
    store: Store,
    audience: Audience,
    now: datetime,
    for_date: str,
    *,
    listening: Listening,
    occasion: Occasion = NO_OCCASION,
) -> tuple[Content, Rendered]:
    """Compose and render without keeping anything: what `tocsin digest` shows."""
    facts = gather(store, listening, audience, now, for_date, occasion)
    content = compose(facts)
    return content, render(content, listening.templates)


def _audience(brands: Sequence[str], deliveries: tuple[tuple[str, str], ...]) -> Audience:
    names = tuple(sorted(set(brands)))
    return Audience(", ".join(names), names, deliveries)


def _digest(audience: Audience, rendered: Rendered, now: datetime, for_date: str, sender: str) -> Digest:
    mark = hashlib.sha256(audience.name.encode()).hexdigest()[:8]
    # The random part keeps two installations with one sender from sharing Message-IDs; it is stored, so stable.
    message_id = f"<tocsin.{for_date}.{mark}.{secrets.token_hex(6)}@{domain_of(sender)}>"
    return Digest(
        id=f"{for_date}-{mark}",
        for_date=for_date,
        audience=audience.name,
        created_at=now,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        message_id=message_id,
    )

"""What the digest of a replayed night would have said: the words of the real one, from the records of that night."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from analyzers.replaying import Replayed, Told
from tocsin.digest.content import compose
from tocsin.digest.facts import Facts
from tocsin.nights import local_date
from tocsin.store.records import Episode


def told_by_digest(replayed: Replayed, told: Told, zone: ZoneInfo) -> tuple[str, str]:
    """Return the subject and the verdict of the digest that told of an episode first."""
    content = compose(
        Facts(
            now=told.told_at,
            zone=zone,
            for_date=local_date(told.told_at, zone).isoformat(),
            brands=((replayed.brand, "own"),),
            episodes=alive_at(replayed, told.told_at),
            history_days={replayed.brand: 14.0},
        )
    )
    return content.subject, content.verdict


def alive_at(replayed: Replayed, at: datetime) -> tuple[Episode, ...]:
    """Return the episodes that the night at `at` knew of, as it knew them."""
    return tuple(episode for one in replayed.episodes for night, episode in one.records if night == at)

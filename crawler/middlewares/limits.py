"""What the headers of an answer say of how much more may be asked (no standard; these are the spellings in use).

X-RateLimit-* (GitHub, Mastodon, Reddit, Discourse), x-rate-limit-* (X), RateLimit-* (Bluesky, IETF draft
draft-ietf-httpapi-ratelimit-headers-07): `remaining` requests until `reset`, which is seconds from now, seconds since
1970, or a date.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_EPOCH = 1_000_000_000
"""A reset above it is a moment, below it a length."""


def seconds_until_allowed(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long to ask nothing more, None while something is left. `headers` have names in lower case."""
    remaining = _number(_first(headers, REMAINING))
    if remaining is None or remaining >= 1:
        return None
    return _seconds(_first(headers, RESET), now)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((headers[name] for name in names if name in headers), None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _seconds(reset: str | None, now: datetime) -> float | None:
    value = _number(reset)
    if value is not None:
        return max(0.0, value - now.timestamp() if value >= _EPOCH else value)
    try:
        moment = datetime.fromisoformat(reset or "")
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - now).total_seconds())

"""How exactly a page tells when a post was written: the finest unit it prints, and whether its zone is known.

"3 Feb 2026" is exact to a day, "2 hours ago" to an hour; "3 Feb 2026, 10:15" is exact to a minute but local:
`created_at` takes it as UTC, and it may be off by as much as a zone is (-12 to +14 hours).
"""

from __future__ import annotations

import re
from typing import Literal

Precision = Literal["second", "minute", "hour", "day", "week", "month", "year"]

_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
"""The form that most pages have for machines: it tells the second and the zone."""

_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d\d(?P<seconds>:\d\d)?(?!\d)")
_ZONE = re.compile(
    r"(?:\d|[ap]m)\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d|[ECMP][SD]T|CES?T|BST)\b|\d(?:Z|[+-]\d\d:?\d?\d?)$", re.IGNORECASE
)
_AGO = re.compile(r"(?:\d+|\ban?|\bone)\s*(?P<unit>[a-z]+)\.?(?:\s+\d+\s*(?P<finer>[a-z]+))?\s+ago\b", re.IGNORECASE)
_UNITS: tuple[tuple[str, Precision], ...] = (
    ("mo", "month"),
    ("s", "second"),
    ("m", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("y", "year"),
)


def precision_of(text: str) -> Precision:
    """Return the finest unit that a text known to be a date tells."""
    text = text.strip()
    if _ISO.fullmatch(text) or _EPOCH.fullmatch(text):
        return "second"
    ago = _AGO.search(text)
    if ago is not None:
        unit = (ago["finer"] or ago["unit"]).lower()
        return next((precision for start, precision in _UNITS if unit.startswith(start)), "day")
    clock = _CLOCK.search(text)
    if clock is None:
        return "day"
    return "second" if clock["seconds"] else "minute"


def is_zoned(text: str) -> bool:
    """Say whether a text known to be a date names its moment whatever the zone: an offset, an epoch, "2 hours ago"."""
    text = text.strip()
    if _ISO.fullmatch(text):
        return True
    return bool(_EPOCH.fullmatch(text) or _AGO.search(text) or (_CLOCK.search(text) and _ZONE.search(text)))

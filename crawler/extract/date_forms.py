"""The forms in which people write dates, as regular expressions: months, figures, "2 hours ago", "today at 10:15"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

Order = Literal["DMY", "MDY", "YMD"]

SLACK = timedelta(hours=26)
"""Zones reach from -12 to +14: a date without a zone may look that much later than it is."""

_MONTH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMED = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DASHES = "-\u2013"
_CLOCK = (
    rf"(?:\s*(?:,|at|on|@|•|·|\||:|um|à|alle|om|kl\.|в|[{_DASHES}])?\s*(?P<h>\d{{1,2}})[:h](?P<m>\d\d)(?::(?P<s>\d\d))?\s*"
    r"(?P<ap>[ap]\.?m\b\.?)?)?"
)
_BEFORE = (
    r"(?:(?P<h0>\d{1,2}):(?P<m0>\d\d)(?::\d\d)?\s*(?P<ap0>[ap]\.?m\b\.?)?\s*"
    rf"(?:,|on|[{_DASHES}])?\s*)?"
)
_YEAR = r"['\u2019]?(?P<y>\d{4}|\d\d(?!\d|:))"
_FORMS = (
    re.compile(
        rf"{_BEFORE}\b(?P<mon>{_NAMED})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s?,?\s+{_YEAR}{_CLOCK}", re.IGNORECASE
    ),
    re.compile(
        rf"{_BEFORE}\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+|-)(?:of\s+)?(?P<mon>{_NAMED})\.?\s?,?(?:\s+|-){_YEAR}{_CLOCK}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<mon>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?"
        rf"(?:\s*[(\uff08].[)\uff09])?T?{_CLOCK}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\d.])(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d\d)(?![\d.]){_CLOCK}",
        re.IGNORECASE,
    ),
)
_NO_YEAR = re.compile(
    rf"^\W*(?:posted\s+|on\s+)*{_BEFORE}(?:(?P<mon>{_NAMED})\.?\s+(?P<d>\d{{1,2}})|(?P<d2>\d{{1,2}})\.?\s+(?P<mon2>{_NAMED}))"
    rf"(?:st|nd|rd|th)?\b(?!\s*,?\s*\d{{4}}){_CLOCK}\W*$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d\d)(?![\d.])")
_RELATIVE = re.compile(
    r"\b(?P<n>\d+|an?|one)\s*(?P<unit>s|sec|second|min|m|minute|h|hr|hour|d|day|w|wk|week|mo|month|y|yr|year)s?\.?"
    r"(?:\s+(?P<n2>\d+)\s*(?:m|min|minute|h|hour|day|week|month)s?)?\s+ago\b",
    re.IGNORECASE,
)
_DAY = re.compile(rf"\b(?P<day>today|yesterday)\b{_CLOCK}", re.IGNORECASE)
_FOREIGN = re.compile(
    r"\b\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?(?:19|20)\d\d\b|"
    r"\b(?:vor|il y a|hace|há)\s+(?:\d+|ein\w*|une?|una?)\s+[^\W\d_]{3,}|"
    r"\b\d+\s+[^\W\d_]{2,12}\s+(?:fa|geleden|sedan|siden|temu|назад)\b|"
    r"\b(?:heute|gestern|aujourd.hui|hier|hoy|ayer|oggi|ieri|vandaag|gisteren|сегодня|вчера)\b\W{0,3}\w{0,4}\W{0,2}\d{1,2}[:.h]\d\d|"
    r"\d\s*(?:秒|分钟?|小时|小時|時間|天|日|시간|분|일)\s*(?:前|전)",
    re.IGNORECASE,
)
_AFTER_FOREIGN = re.compile(r"\W{0,3}(?:[^\W\d_]{1,4}\W{0,2})?\d{1,2}[:.h]\d\d")
_PLAIN_WORDS = re.compile(r"[^\d]*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_629_800, "y": 31_557_600}
_MEMBERSHIP = re.compile(
    r"join|regist|member since|mitglied seit|beigetreten|inscri|iscritto|miembro desde|signed up|last seen|last visit|"
    r"last active|birth",
    re.IGNORECASE,
)


def looks_dated(text: str) -> bool:
    """Say cheaply whether a short text holds a written or relative date in any form known here."""
    if _PLAIN_WORDS.fullmatch(text):
        return any(form.search(text) for form in (_RELATIVE, _DAY, _FOREIGN))
    if any(form.search(text) for form in _FORMS):
        return True
    return any(form.search(text) for form in (_RELATIVE, _DAY, _FOREIGN)) or (
        ":" in text and bool(_NO_YEAR.search(text))
    )


def foreign_part(text: str) -> str | None:
    """Return the date in another language than English that a text ("Ann schrieb am ...") holds, with its hour."""
    match = _FOREIGN.search(text)
    if match is None:
        return None
    clock = _AFTER_FOREIGN.match(text, match.end())
    return text[match.start() : clock.end() if clock is not None else match.end()]


def tells_membership(text: str) -> bool:
    """Say whether a dated text tells since when its author is a member, which forums print beside every post."""
    return bool(_MEMBERSHIP.search(text))


def numeric_order(texts: Iterable[str], language: str | None, region: str | None) -> Order:
    """Return how this page orders 03/04/2024: by a number above 12 when there is one, else by its language."""
    first = second = False
    for text in texts:
        for a, b in _NUMERIC.findall(text):
            first = first or int(a) > 12
            second = second or int(b) > 12
    if first != second:
        return "DMY" if first else "MDY"
    american = language in (None, "en") and region in (None, "US", "PH")
    return "MDY" if american else "DMY"


def written(text: str, order: Order) -> datetime | None:
    """Return the moment (aware UTC) that a text writes out, None when it writes none; `order` settles 03/04/2024."""
    for form in _FORMS:
        match = form.search(text)
        if match is not None:
            found = _of_match(match.groupdict(), order)
            if found is not None:
                return found
    return None


def _of_match(part: dict[str, str | None], order: Order) -> datetime | None:
    year = int(part["y"] or 0)
    year += (2000 if year < 70 else 1900) if year < 100 else 0
    if part.get("mon"):
        name = str(part["mon"])
        month = int(name) if name.isdigit() else _MONTH.index(name[:3].lower()) + 1
        day = int(part["d"] or 0)
    else:
        a, b = int(part["a"] or 0), int(part["b"] or 0)
        # With points between, the day comes first wherever such dates are written.
        day, month = (a, b) if order == "DMY" or part.get("sep") == "." else (b, a)
        if month > 12 >= day:
            day, month = month, day
    side = "0" if part.get("h") is None and part.get("h0") is not None else ""
    hour = _hour(part.get("h" + side), part.get("ap" + side))
    try:
        return datetime(year, month, day, hour, int(part.get("m" + side) or 0), int(part.get("s") or 0), tzinfo=UTC)
    except ValueError:
        return None


def _hour(hour: str | None, half: str | None) -> int:
    value = int(hour or 0)
    if half:
        return value % 12 + (12 if half.lower().startswith("p") else 0)
    return value


def relative(text: str, now: datetime | None) -> datetime | None:
    """Return the moment that "2 hours ago", "yesterday at 10:15" or "Jan 05, 10:15" names at `now`, else None."""
    if now is None:
        return None
    match = _RELATIVE.search(text)
    if match is not None:
        number = int(match["n"]) if match["n"].isdigit() else 1
        unit = match["unit"].lower()
        seconds = _SECONDS.get("mo" if unit.startswith("mo") else unit[0], 0)
        return now - timedelta(seconds=min(number * seconds, 4_000_000_000))
    match = _DAY.search(text)
    if match is None:
        return _yearless(text, now)
    day = now - timedelta(days=match["day"].lower() == "yesterday")
    hour, minute = _hour(match["h"], match["ap"]), int(match["m"] or 0)
    if hour > 23 or minute > 59:
        return None
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _yearless(text: str, now: datetime) -> datetime | None:
    """Read "2:32pm On Jan 05", as forums print this year's dates: the last such day."""
    match = _NO_YEAR.search(text)
    if match is None:
        return None
    part: dict[str, str | None] = {**match.groupdict(), "y": str(now.year)}
    part["mon"], part["d"] = part["mon"] or part["mon2"], part["d"] or part["d2"]
    found = _of_match(part, "MDY")
    if found is not None and found > now + SLACK:
        found = _of_match({**part, "y": str(now.year - 1)}, "MDY")
    return found

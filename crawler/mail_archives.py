"""Where the mbox files of an archive lie: the links of a Pipermail index, the exports of a HyperKitty list. Pure.

Pipermail (Mailman 2) links `2026-November.txt.gz` from its index; HyperKitty (Mailman 3) makes
`LIST/export/NAME.mbox.gz?start=2026-11-01&end=2026-12-01` for any stretch of days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import unquote, urlencode, urlsplit

from crawler.extract.page import Page
from crawler.extract.text import one_line

_FILE = re.compile(r"\.(?:mbox|mbx|txt)(?:\.gz)?$|\.mbox\.gz$", re.IGNORECASE)
_LIST = re.compile(r"^(?P<root>.*?)(?:/api)?/list/(?P<name>[^/]+@[^/]+?)/?$")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_NAMED = re.compile(rf"((?:19|20)\d\d)[-_ ]({'|'.join(_MONTHS)})", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])(?:[-_]?[0-3]\d)?(?!\d)")
_QUARTER = re.compile(r"(?<!\d)((?:19|20)\d\d)q([1-4])", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Archive:
    """One mbox file. It holds mails up to `until` (None: not told); `label` changes when the index shows a change."""

    url: str
    until: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A HyperKitty list: `root` is the address of the whole archive, `name` the list's mail address."""

    root: str
    name: str

    @classmethod
    def of(cls, url: str) -> Self | None:
        """Return the list that `url` names (`.../list/NAME@HOST/`, also below `/api`), None when it is none."""
        parts = urlsplit(url)
        found = _LIST.match(unquote(parts.path))
        return cls(f"{parts.scheme}://{parts.netloc}{found['root']}", found["name"]) if found else None

    def page(self, what: str, native_id: str) -> str:
        """Return the page of a `message` or `thread`."""
        return f"{self.root}/list/{self.name}/{what}/{native_id}/"

    def api(self, path: str) -> str:
        """Return the address below the list in the REST API."""
        return f"{self.root}/api/list/{self.name}/{path}?format=json"

    def exports(self, since: datetime, now: datetime) -> list[Archive]:
        """Return the export of every month from `since` to `now`, oldest first."""
        found = []
        first = datetime(since.year, since.month, 1, tzinfo=UTC)
        while first <= now:
            after = _after(first.year, first.month, 1)
            query = urlencode({"start": f"{first:%Y-%m-%d}", "end": f"{after:%Y-%m-%d}"})
            file = f"{self.name}-{first:%Y-%m}.mbox.gz"
            found.append(Archive(f"{self.root}/list/{self.name}/export/{file}?{query}", after))
            first = after
        return found


def is_file(url: str) -> bool:
    """Tell whether an address is that of an mbox file itself."""
    return bool(_FILE.search(urlsplit(url).path))


def archives_of(page: Page) -> list[Archive]:
    """Return the mbox files that an index page links to, oldest first, undated ones last.

    Where a file is there both packed and plain, the packed one is taken.
    """
    found: dict[str, Archive] = {}
    for link in page.root.iter("a"):
        address = page.absolute(link.get("href"))
        if address is None or not is_file(address) or urlsplit(address).netloc != urlsplit(page.url).netloc:
            continue
        stem = address.removesuffix(".gz")
        if stem not in found or address.endswith(".gz"):
            row = next((up for up in link.iterancestors("tr", "li")), link)
            label = one_line("".join(row.itertext()))[:200]
            found[stem] = Archive(address, until_of(urlsplit(address).path.rsplit("/", 1)[-1]), label)
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found.values(), key=lambda archive: (archive.until or last, archive.url))


def until_of(name: str) -> datetime | None:
    """Return the end of the stretch of time that a file's name tells: a month, a quarter or a year."""
    if found := _NAMED.search(name):
        return _after(int(found[1]), _MONTHS.index(found[2].lower()) + 1, 1)
    if found := _QUARTER.search(name):
        return _after(int(found[1]), int(found[2]) * 3 - 2, 3)
    if found := _NUMBERED.search(name):
        # A week's file ("Week-of-Mon-20261130") may reach into the next month.
        weekly = len(found[0]) > len("2026-11")
        return _after(int(found[1]), int(found[2]), 2 if weekly else 1)
    found = _YEAR.search(name)
    return _after(int(found[1]), 1, 12) if found else None


def _after(year: int, month: int, months: int) -> datetime:
    count = year * 12 + month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)

"""Exports with other column names: which of a file's columns is which of ours. Pure.

The mapping comes from `sources.columns`, file column to our column: `{"Review date" = "created_at/dmy"}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from crawler.errors import ImportFileError
from crawler.extract.date_forms import Order
from crawler.import_rows import OPTIONAL, REQUIRED

JOINED = ("text", "title")
"""Columns of ours that several of the file's may fill, one below the other."""

_SCALE = re.compile(r"rating/(\d{1,3})")
_ORDERS: Mapping[str, Order] = {"created_at/dmy": "DMY", "created_at/mdy": "MDY", "created_at/ymd": "YMD"}


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file's columns are read. Without a mapping they have our names, and strange ones are refused.

    `order` is that of numeric dates, None where the mapping does not tell; `best` the highest rating.
    """

    names: Mapping[str, str]
    order: Order | None = None
    best: int | None = None

    @classmethod
    def of(cls, mapping: Mapping[str, str]) -> Self:
        """Read a mapping. Raises `ImportFileError` when it names a column that is none of ours."""
        names: dict[str, str] = {}
        order: Order | None = None
        best: int | None = None
        for column, target in mapping.items():
            ours, _, detail = target.strip().partition("/")
            scale = _SCALE.fullmatch(target.strip())
            if ours not in REQUIRED + OPTIONAL or (detail and not scale and target.strip() not in _ORDERS):
                known = ", ".join((*REQUIRED, *OPTIONAL))
                raise ImportFileError(
                    f"columns: {column!r} = {target!r} names no column of ours; known are: {known}; "
                    "and created_at/dmy, created_at/mdy, rating/10"
                )
            if ours in names.values() and ours not in JOINED:
                raise ImportFileError(f"columns: two columns are said to be {ours}; only {' and '.join(JOINED)} join")
            names[_bare(column)] = ours
            order = _ORDERS.get(target.strip(), order)
            best = int(scale[1]) if scale else best
        return cls(names, order, best)

    def check(self, given: Iterable[str]) -> None:
        """Raise `ImportFileError` where columns are missing, given twice or, without a mapping, not known."""
        if not self.names:
            _check(list(given))
            return
        ours = [name for column in given if (name := self.name(column)) is not None]
        missing = [name for name in REQUIRED if name not in ours]
        if missing:
            told = ", ".join(repr(column) for column, name in self.names.items() if name in missing)
            where = f"; the mapping looks for {told}" if told else "; say in sources.columns which they are"
            raise ImportFileError(f"missing columns: {', '.join(missing)}{where}")
        twice = sorted({name for name in ours if ours.count(name) > 1 and name not in JOINED})
        if twice:
            raise ImportFileError(f"columns given twice: {', '.join(twice)}")

    def name(self, column: str) -> str | None:
        """Return our name of a file's column, None for one that is left out."""
        bare = _bare(column)
        if bare in self.names:
            return self.names[bare]
        own = bare in REQUIRED + OPTIONAL and bare not in self.names.values()
        return bare if own else None

    def renamed(self, cells: Iterable[tuple[str, object]]) -> dict[str, object]:
        """Return a row under our names; what several columns say of one is joined."""
        if not self.names:
            return dict(cells)
        row: dict[str, object] = {}
        for column, value in cells:
            name = self.name(column)
            if name is None:
                continue
            held = row.get(name)
            if _says(held) and _says(value):
                row[name] = f"{held}\n\n{value}"
            elif not _says(held):
                row[name] = value
        return row


def _check(given: list[str]) -> None:
    known = ", ".join((*REQUIRED, *OPTIONAL))
    unknown = [column for column in given if column not in REQUIRED + OPTIONAL]
    if unknown:
        raise ImportFileError(f"unknown columns: {', '.join(unknown[:20])}; known are: {known}")
    missing = [column for column in REQUIRED if column not in given]
    if missing:
        raise ImportFileError(f"missing columns: {', '.join(missing)}; known are: {known}")
    twice = sorted({column for column in given if given.count(column) > 1})
    if twice:
        raise ImportFileError(f"columns given twice: {', '.join(twice)}")


def _bare(column: str) -> str:
    return " ".join(column.split())


def _says(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))

"""Structured data in one form, whether it came as JSON-LD or as microdata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import html


@dataclass(slots=True, eq=False)
class Item:
    """A schema.org thing. `types` are bare names (`Comment`); `element` is None for JSON-LD.

    Values keep their order. A microdata text value keeps its element, so that it can be rendered.
    """

    types: frozenset[str]
    properties: dict[str, list[Value]] = field(default_factory=dict)
    identity: str | None = None
    element: html.HtmlElement | None = None

    def add(self, name: str, value: Value) -> None:
        """Append one value of a property."""
        self.properties.setdefault(name, []).append(value)

    def values(self, *names: str) -> Iterator[Value]:
        """Yield the values of the first of `names` that has any."""
        for name in names:
            found = self.properties.get(name)
            if found:
                yield from found
                return

    def items(self, *names: str) -> Iterator[Item]:
        """Yield the things under all of `names`, in order."""
        for name in names:
            for value in self.properties.get(name, ()):
                if isinstance(value, Item):
                    yield value

    def text(self, *names: str) -> str | None:
        """Return the first plain value of the first of `names` that has one."""
        for name in names:
            for value in self.properties.get(name, ()):
                if isinstance(value, Marked):
                    return value.text
                if isinstance(value, str) and value.strip():
                    return value.strip()
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A microdata value that is an element's own text. `text` is that text on one line."""

    element: html.HtmlElement
    text: str


Value = str | Marked | Item

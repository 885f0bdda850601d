"""JSON-LD scripts of a page to items. Broken scripts are skipped: other routes remain.

Source: JSON-LD 1.1 (W3C 2020), schema.org. Contexts are not fetched; `@graph`, `@id` references
within a page and `@type` lists are understood.
"""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.extract.items import Item
from crawler.extract.page import Page

_MAX_SCRIPT = 8_000_000
_MAX_DEPTH = 60
_MAX_ITEMS = 50_000
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_CONTROL = re.compile(r"[\x00-\x1f]")


def jsonld_items(page: Page) -> list[Item]:
    """Return the top things of all JSON-LD scripts, in page order."""
    found: list[Item] = []
    reader = _Reader()
    for script in page.root.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            for value in _roots(_load(script.text or "")):
                item = reader.item(value, 0)
                if item is not None:
                    found.append(item)
    return found


def _load(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>")
    if not text or len(text) > _MAX_SCRIPT:
        return None
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _roots(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [root for part in value for root in _roots(part)] if len(value) < _MAX_ITEMS else []
    if isinstance(value, dict):
        graph = value.get("@graph")
        return list(graph) if isinstance(graph, list) else [value]
    return []


class _Reader:
    """Builds items, bounded in depth and number."""

    def __init__(self) -> None:
        self.made = 0

    def item(self, value: Any, depth: int) -> Item | None:
        if not isinstance(value, dict) or depth > _MAX_DEPTH or self.made > _MAX_ITEMS:
            return None
        self.made += 1
        types = value.get("@type", ())
        names = [types] if isinstance(types, str) else [name for name in types if isinstance(name, str)]
        item = Item(frozenset(name.rsplit("/", 1)[-1].removeprefix("schema:") for name in names))
        identity = value.get("@id")
        item.identity = identity if isinstance(identity, str) else None
        for name, inner in value.items():
            if not name.startswith("@"):
                self._add(item, name.removeprefix("schema:"), inner, depth)
        return item

    def _add(self, item: Item, name: str, value: Any, depth: int) -> None:
        if isinstance(value, list):
            for part in value[:_MAX_ITEMS]:
                if not isinstance(part, list):
                    self._add(item, name, part, depth + 1)
        elif isinstance(value, dict):
            if "@value" in value:
                self._add(item, name, value["@value"], depth + 1)
            else:
                made = self.item(value, depth + 1)
                if made is not None:
                    item.add(name, made)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            item.add(name, str(value))

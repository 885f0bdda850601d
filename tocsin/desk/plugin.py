"""Datasette hooks: cells that a reader can use, and a door for this machine's names only.

https://docs.datasette.io/en/0.65.2/plugin_hooks.html
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from tocsin.store.search import match_expression

TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:\+00:00|Z)")
LONG = 280
"""Characters of a post that a table shows at once; the rest opens in place."""
TEXTS = frozenset({"text", "detail", "reason", "note"})
LISTS = frozenset({"parts", "contributions", "steps", "threads", "sources"})
SHORT = 3
"""Entries of a list that a table shows without being asked."""

UNKNOWN = Markup('<span class="unknown" title="not known: see the description of the column">&ndash;</span>')

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]  # pluggy ships no types for it
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give SQL `search_words(text)`: what people type, as FTS5 wants it.

    Datasette's own `escape_fts` stumbles over a lone quote.
    """
    conn.create_function(
        "search_words", 1, lambda words: match_expression(str(words or "")) or '""', deterministic=True
    )


@hookimpl  # type: ignore[untyped-decorator]  # pluggy ships no types for it
def render_cell(value: object, column: str, table: str | None) -> Markup | None:
    """Show times without microseconds, long texts folded, JSON as lists, addresses short, null as nothing known."""
    if value is None:
        return UNKNOWN
    if not isinstance(value, str):
        return None
    if time := TIME.fullmatch(value):
        return Markup('<time datetime="{0}" title="{0}">{1} {2}</time>').format(value, time[1], time[2])
    if column in LISTS:
        return _list(value)
    if column == "url":
        return _link(value)
    return _folded(value) if column in TEXTS and table is not None else None


def _link(value: str) -> Markup | None:
    if not re.match(r"https?://", value):
        return None
    return Markup('<a href="{0}" title="{0}" rel="noreferrer">{1}</a>').format(value, _short(value))


def _folded(value: str) -> Markup | None:
    if len(value) <= LONG:
        return None
    return Markup('<details class="text"><summary>{}&hellip;</summary>{}</details>').format(value[:LONG], value[LONG:])


def _list(value: str) -> Markup | None:
    try:
        found = json.loads(value)
    except ValueError:
        return None
    if isinstance(found, list):
        lines = [Markup("<li>{}</li>").format(one) for one in found]
    elif isinstance(found, dict):
        lines = [Markup("<li><b>{}</b> {}</li>").format(name, _figure(part)) for name, part in found.items()]
    else:
        return None
    opened = Markup(" open") if len(lines) <= SHORT else Markup("")
    return Markup('<details class="list"{}><summary>{}</summary><ul>{}</ul></details>').format(
        opened, f"{len(lines)} {'entry' if len(lines) == 1 else 'entries'}", Markup("").join(lines)
    )


def _figure(part: object) -> object:
    if part is None:
        return UNKNOWN
    return f"{part:.4g}" if isinstance(part, float) else part


def _short(url: str) -> str:
    place = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return place if len(place) <= 44 else f"{place[:22]}\u2026{place[-20:]}"


def names_guard(app: App, names: frozenset[str]) -> App:
    """Refuse requests for other names than `names`.

    A strange page in the analyst's browser could otherwise read the desk by DNS rebinding.
    """

    async def guarded(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        host = dict(scope.get("headers") or []).get(b"host", b"").decode("latin-1")
        if scope["type"] == "http" and _name(host) not in names:
            await send({"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This desk does not answer to that name.\n"})
            return
        await app(scope, receive, send)

    return guarded


def _name(host: str) -> str:
    return re.sub(r":\d+$", "", host).strip("[]").lower()

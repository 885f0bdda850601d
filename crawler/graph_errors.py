"""What an error of Meta's Graph API means. Pure.

https://developers.facebook.com/docs/graph-api/guides/error-handling (codes) and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting (codes of limits, the usage headers). The type
is `OAuthException` for nearly all of them, used up limits and missing objects included: it says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.values import part

TOKEN = frozenset((102, 190))
"""The token has expired, was revoked or is none."""

LIMIT = frozenset((4, 17, 32, 341, 613, 80001, 80002))
"""App, user, page, app again, custom, pages by business use case, Instagram by business use case."""

NOT_THERE = (100, 33)
"""Code and subcode: the object does not exist, or this token may not see it."""


@dataclass(frozen=True, slots=True)
class GraphError:
    """The numbers of an error; 0 where none is given."""

    code: int = 0
    subcode: int = 0

    @property
    def token(self) -> bool:
        """Whether a new token is needed."""
        return self.code in TOKEN

    @property
    def limit(self) -> bool:
        """Whether waiting helps."""
        return self.code in LIMIT

    @property
    def permission(self) -> bool:
        """Whether the app or the token lacks a permission (3, 10, 200 to 299)."""
        return self.code in (3, 10) or 200 <= self.code < 300

    @property
    def gone(self) -> bool:
        """Whether the object is not there, or hidden from this token."""
        return (self.code, self.subcode) == NOT_THERE

    @property
    def words(self) -> str:
        """The code for people, '' where there is none; the API's own words may quote a post."""
        return f", code {self.code}" if self.code else ""


def error_in(body: bytes) -> GraphError:
    """Return the error of an answer, of zeros where it has none."""
    try:
        error = part(json.loads(body), "error")
    except (ValueError, RecursionError):
        return GraphError()
    code, subcode = error.get("code"), error.get("error_subcode")
    return GraphError(code if isinstance(code, int) else 0, subcode if isinstance(subcode, int) else 0)


def minutes_asked(usage: object) -> int:
    """Return the most minutes that X-Business-Use-Case-Usage names as `estimated_time_to_regain_access`, else 0.

    Its shape: `{business id: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]}`.
    """
    found = [0]
    for rows in usage.values() if isinstance(usage, Mapping) else ():
        for row in rows if isinstance(rows, list) else ():
            minutes = row.get("estimated_time_to_regain_access") if isinstance(row, Mapping) else None
            found.append(minutes if isinstance(minutes, int) else 0)
    return max(found)

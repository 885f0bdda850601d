"""Who makes an episode, in words: copied text, accounts that act together or came new, likes without voices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Parts = Mapping[str, float | int | str | None]
MANY_NEW = 2.0
"""A share of new accounts so many times the usual is worth a line."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the parts table: what was looked at, what was found, what is usual or needed."""

    name: str
    found: str
    usual: str


def crowd_reasons(parts: Parts) -> tuple[Reason, ...]:
    """Return a line for everything about the people behind an episode that is out of the ordinary."""
    lines = (_copies(parts), _together(parts), _new(parts), _bought(parts))
    return tuple(line for line in lines if line is not None)


def _copies(parts: Parts) -> Reason | None:
    posts, organised = _number(parts, "copied_posts"), _number(parts, "organised_posts")
    if not posts or organised is None:
        return None
    found = f"{posts:.0f} posts by {_number(parts, 'copied_accounts') or 0:.0f} accounts"
    if organised == 0:
        return Reason("Shared text", found, "many people, about once each: a petition or a quotation, not a campaign")
    return Reason("The same text", found, f"{organised:.0f} of them by accounts that repeat it or came new for it")


def _together(parts: Parts) -> Reason | None:
    accounts = _number(parts, "coposting_accounts")
    if not accounts:
        return None
    return Reason(
        "Acting together",
        f"{accounts:.0f} accounts",
        "within ten minutes of each other again and again, more often than by chance",
    )


def _new(parts: Parts) -> Reason | None:
    share, usual = _number(parts, "newcomer_share"), _number(parts, "usual_newcomer_share")
    if share is None or usual is None or share < 0.1 or share < MANY_NEW * usual:
        return None
    return Reason(
        "New accounts", f"{100 * share:.0f} % of the accounts", f"first post within 30 days; usual: {100 * usual:.0f} %"
    )


def _bought(parts: Parts) -> Reason | None:
    words, reactions = parts.get("bought"), _number(parts, "bought_reactions")
    if not isinstance(words, str) or reactions is None:
        return None
    posts = _number(parts, "bought_posts") or 1
    found = f"{reactions:.0f} on {posts:.0f} post{'' if posts == 1 else 's'}: bought or bot-like?"
    return Reason("Likes without voices", found, words)


def _number(parts: Parts, name: str) -> float | None:
    value = parts.get(name)
    return float(value) if isinstance(value, int | float) else None

"""Web and mail addresses inside a text: which of their pieces may name a brand, and links to a brand's own site.

Whoever writes from `slack@example.org`, or links to `example.org/?ref=slack`, does not speak of Slack.
"""

from __future__ import annotations

import re

_MAIL = re.compile(r"(?<![\w.+@-])[\w.+-]+(?=@[\w-]+\.\w)")
_QUERY = re.compile(r"((?:https?://|www\.)[^\s?#<>\"]*)[?#][^\s<>\"]*", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_BARE_PATH = re.compile(r"(?<![\w@])((?:[\w-]+\.)+[a-z]{2,})/[^\s<>\"]*", re.IGNORECASE)

COMPANY_ENDINGS = r"(?:com|io|ai|co|app|so|us|net|dev|cloud|inc|eu|de|fr|es|it|nl|at|ch|co\.uk|uk)"
"""What a company's domain ends with: `shell.com` is Shell's, `shell.sh` is a script."""


def without_foreign_parts(text: str) -> str:
    """Return `text` without what stands before the @ of mail addresses and without the queries of links.

    A handle of the fediverse, `@name@server`, stays.
    """
    if "@" in text:
        text = _MAIL.sub(" ", text)
    if "://" in text or "www." in text.lower():
        text = _QUERY.sub(r"\1 ", text)
    return text


def without_links(text: str) -> str:
    """Return `text` with a mark in place of whole links, and of the paths of addresses without a scheme."""
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(" | ", text)
    return _BARE_PATH.sub(r"\1 | ", text) if "/" in text else text


def domain_shape(domain: str) -> str:
    """Return a pattern of `domain` and what is under it, in links and mail addresses."""
    return rf"(?<![\w-]){re.escape(domain)}(?![\w-])(?!\.\w)"

"""What can go wrong while reading a page or a feed.

ExtractError            the input cannot be read at all; the text says why
└── FeedError           the body is no feed
"""

from __future__ import annotations


class ExtractError(Exception):
    """The page cannot be read."""


class FeedError(ExtractError):
    """The body is not a feed that we can read."""

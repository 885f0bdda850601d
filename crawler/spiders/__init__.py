"""One module a kind of source; only those that a run needs are imported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tocsin.store.records import SourceKind

if TYPE_CHECKING:
    from crawler.spiders.base import SourceSpider

CLASSES: dict[SourceKind, str] = {
    "feed": "FeedSpider",
    "sitemap": "SitemapSpider",
    "wordpress": "WordPressSpider",
    "hackernews": "HackerNewsSpider",
    "forum": "ForumSpider",
    "discourse": "DiscourseSpider",
    "nodebb": "NodeBBSpider",
    "flarum": "FlarumSpider",
    "lemmy": "LemmySpider",
    "mastodon": "MastodonSpider",
    "bluesky": "BlueskySpider",
    "stackexchange": "StackExchangeSpider",
    "github": "GitHubSpider",
    "youtube": "YouTubeSpider",
    "hyperkitty": "HyperKittySpider",
    "mbox": "MboxSpider",
    "isso": "IssoSpider",
    "reviews": "ReviewsSpider",
    "reddit": "RedditSpider",
    "x": "XSpider",
    "facebook": "FacebookSpider",
    "instagram": "InstagramSpider",
    "linkedin": "LinkedInSpider",
}
"""The spider's class of every kind that is crawled; it lies in the module of the kind's name."""


def spider_for(kind: SourceKind) -> type[SourceSpider]:
    """Return the spider of `kind`."""
    found: type[SourceSpider] = getattr(importlib.import_module(f"crawler.spiders.{kind}"), CLASSES[kind])
    return found

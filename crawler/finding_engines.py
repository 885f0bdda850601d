"""What gives a site's software away: words in its pages, and the API answer that proves it.

The words are those that the engines' own templates write into every page; the proofs are public addresses
from their API documentation. Repetitions are bounded, so that no page can make a search slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.store.records import SourceKind


@dataclass(frozen=True, slots=True)
class Engine:
    """One piece of software. `marks` are looked for in a page; `base` finds the folder it lives in, as a group.

    `proof` is an address below that folder, whose JSON answer `proves` it.
    """

    name: str
    kind: SourceKind
    marks: re.Pattern[str]
    proof: str
    proves: Callable[[Any], bool]
    why: str
    base: re.Pattern[str] | None = None

    @property
    def forum(self) -> bool:
        """Whether its pages can be read as a forum's where its API is switched off."""
        return self.kind in ("discourse", "nodebb", "flarum")


def _holds(key: str, kind: type) -> Callable[[Any], bool]:
    return lambda answer: isinstance(answer, dict) and isinstance(answer.get(key), kind)


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


def _is_flarum(answer: Any) -> bool:
    rows = answer.get("data") if isinstance(answer, dict) else None
    return isinstance(rows, list) and all(isinstance(row, dict) and row.get("type") == "discussions" for row in rows)


ENGINES: tuple[Engine, ...] = (
    Engine(
        "Discourse",
        "discourse",
        _any(r'name="generator" content="Discourse', r"data-discourse-setup", r"discourse-application"),
        "latest.json",
        _holds("topic_list", dict),
        "Discourse: its JSON API answers (latest.json)",
        re.compile(r'data-base-uri="(/[\w./-]*)"'),
    ),
    Engine(
        "NodeBB",
        "nodebb",
        _any(r'class="[^"]{0,500}\bnodebb\b', r"/nodebb\.min\.js", r"Powered by NodeBB"),
        "api/recent",
        _holds("topics", list),
        "NodeBB: its read API answers (api/recent)",
        re.compile(r'"?relative_path"?\s*:\s*"(/[\w./-]*)"'),
    ),
    Engine(
        "Flarum",
        "flarum",
        _any(r'id="flarum-(?:json-payload|loading|content)"', r"flarum\.core\.app", r"/assets/forum-[0-9a-f]{8}\.js"),
        "api/discussions?page%5Blimit%5D=1",
        _is_flarum,
        "Flarum: its JSON:API answers (api/discussions)",
        re.compile(r'"basePath"\s*:\s*"(/[\w./-]*)"'),
    ),
    Engine(
        "Lemmy",
        "lemmy",
        _any(r"window\.isoData", r"lemmy-site", r"lemmy-ui"),
        "api/v3/site",
        _holds("site_view", dict),
        "Lemmy: its API answers (api/v3/site)",
    ),
    Engine(
        "Mastodon",
        "mastodon",
        _any(r"""id=['"]mastodon['"]""", r'content="Mastodon'),
        "api/v1/instance",
        _holds("version", str),
        "Mastodon, or compatible: its API answers (api/v1/instance)",
    ),
)
"""Engines with an API of their own, best known first."""

SOFTWARE: Mapping[str, str] = {
    "discourse": "Discourse",
    "nodebb": "NodeBB",
    "flarum": "Flarum",
    "lemmy": "Lemmy",
    **dict.fromkeys(
        ("mastodon", "pleroma", "akkoma", "gotosocial", "firefish", "iceshrimp", "hometown", "glitchcafe"), "Mastodon"
    ),
}
"""What NodeInfo (https://nodeinfo.diaspora.software) calls the software, by our engine."""

FORUMS: Mapping[str, re.Pattern[str]] = {
    "XenForo": _any(r'<html[^>]{1,500}id="XF"', r'data-app="public"[^>]{0,500}data-template=', r"js/xf/"),
    "phpBB": _any(r'id="phpbb"', r"Powered by <a[^>]{1,500}phpbb\.com", r"viewforum\.php\?f="),
    "vBulletin": _any(r'name="generator" content="vBulletin', r"vbulletin_", r"Powered by vBulletin"),
    "Invision": _any(r"ipsLayout", r'data-controller="core\.', r"Powered by Invision"),
    "SMF": _any(r"smf_(?:theme_url|scripturl|default_theme)", r"Powered by SMF"),
    "MyBB": _any(r"Powered By <a[^>]{1,500}mybb\.com", r"MyBB Group", r"jscripts/general\.js\?ver="),
    "bbPress": _any(r"\bbbpress\b", r"bbp-topic", r"bbp_"),
    "Vanilla": _any(r"gdn\.meta", r"vanillaforums", r"Powered by Vanilla"),
    "Khoros": _any(r"\blia-(?:page|quilt|component)", r"lithium\.com"),
    "WoltLab": _any(r"WoltLab", r"WSC_API_URL"),
    "FluxBB": _any(r"Powered by <a[^>]{1,500}fluxbb\.org", r'id="punindex"'),
}
"""Forum engines that are read as HTML pages."""

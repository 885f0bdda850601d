"""What the tags and class names of forum software say: noise, quotes, names, dates, bodies.

Only words that many engines share stand here; the selectors of single engines come with the sources issue.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import html

NEVER_TEXT = frozenset(
    [
        "script",
        "style",
        "template",
        "svg",
        "math",
        "button",
        "select",
        "option",
        "textarea",
        "input",
        "iframe",
        "object",
        "embed",
        "applet",
        "canvas",
        "audio",
        "video",
        "head",
        "map",
        "datalist",
        "progress",
        "meter",
        "link",
        "meta",
        "title",
    ]
)
_NOISE = re.compile(
    r"(?:^|[-_])(?:signatures?|sig|postsig|tooltip|dropdown|modal|reactions?|reactionsbar|sharing|"
    r"sharedaddy|breadcrumbs?|actionbar|toolbar|jp-relatedposts|screen-reader-text|sr-only|visually-hidden|visuallyhidden|"
    r"a2a|addtoany|social|lastedit|lastedited|notice|editby|attachments?|attachmentslist|expandlink|postbuttons|post-buttons|"
    r"likes?|thanks|buttonbar|adsbygoogle|advert|advertisement|edithistory|post-menu|postmenu)(?:$|[-_])",
    re.IGNORECASE,
)
_SPACED_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUOTE = re.compile(
    r"^(?:quote|bbquote|quotecontent|quote_?block|bb_?code_?block--quote|bbcode_quote|quotetitle|ipsquote|"
    r"postquote|post-quote|quoted|uncited|citation|quotecontainer|bbcode_container_quote|quoteblock)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def _token_set(value: str) -> frozenset[str]:
    return frozenset(value.split())


def tokens(element: html.HtmlElement) -> frozenset[str]:
    """Return the class names of an element."""
    value = element.get("class")
    return _token_set(value) if value else frozenset()


@lru_cache(maxsize=20_000)
def _names_noise(name: str) -> bool:
    return bool(_NOISE.search(_SPACED_CAMEL.sub("-", name)))


@lru_cache(maxsize=20_000)
def _noisy_class(value: str) -> bool:
    return any(_names_noise(name) for name in value.split())


def is_noise(element: html.HtmlElement) -> bool:
    """Say whether an element inside a post is no part of what its author wrote."""
    tag = element.tag
    if not isinstance(tag, str) or tag in NEVER_TEXT:
        return True
    value = element.get("class")
    if value and _noisy_class(value):
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return tag not in ("div", "section", "article")
    name = element.get("id")
    return bool(name) and _noisy_class(name or "")


@lru_cache(maxsize=20_000)
def _quoting_class(value: str) -> bool:
    return any(_QUOTE.match(name) for name in value.split())


def is_quote(element: html.HtmlElement) -> bool:
    """Say whether an element quotes somebody else."""
    if element.tag in ("blockquote", "q"):
        return element.tag == "blockquote"
    value = element.get("class")
    return bool(value) and element.tag in ("div", "aside", "table", "td", "section") and _quoting_class(value or "")


_USER_LINK = re.compile(
    r"/(?:users?|members?|profiles?|u|people|authors?|user-?profile|membre|mitglied|utenti|usuario|~)[/.:-]|/(?:user|profile|member)$|"
    r"[?&;/](?:u|uid|user|userid|user_id|member|showuser|username)=|"
    r"viewprofile|action=profile|profile\.php|member\.php|memberlist\.php|userinfo|/@|/~\w",
    re.IGNORECASE,
)
_AUTHOR_CLASS = re.compile(
    r"(?:^|[-_])(?:author|user-?name|username|poster|nick|nickname|display-?name|byline|fn|handle|user-?link|"
    r"profile-?link|member-?name|postername|postauthor|creator|user|screen-?name|mem)(?:$|[-_])",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(
    r"title|rank|role|group|status|stat|avatar|joined|location|count|badge|icon|rating|info|detail|reaction|image|photo|"
    r"online|flair|since|menu|action|wrap|extra|bubble|level|point|reputation|karma|score",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def _naming_class(value: str) -> int:
    best = 0
    for name in value.split():
        spaced = _SPACED_CAMEL.sub("-", name)
        if _AUTHOR_CLASS.search(spaced):
            best = max(best, 1 if _NOT_NAME.search(spaced) else 2)
        elif _NOT_NAME.search(spaced):
            return 0
    return best


def naming_strength(element: html.HtmlElement) -> int:
    """Say how much an element's class says "author's name": 0 not, 1 perhaps, 2 surely."""
    value = element.get("class")
    named = _naming_class(value) if value else 0
    return 2 if element.get("itemprop") == "author" or element.get("rel") == "author" else named


def is_user_link(element: html.HtmlElement) -> bool:
    """Say whether an element links to somebody's profile."""
    link = element.get("href") if element.tag == "a" else None
    return bool(link) and len(link or "") < 400 and bool(_USER_LINK.search(link or ""))


def is_author_mark(element: html.HtmlElement) -> bool:
    """Say whether an element may name an author."""
    return is_user_link(element) or naming_strength(element) == 2

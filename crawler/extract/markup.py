"""What the tags and class names of forum software say: noise, quotes, names, dates, bodies.

Only words that many engines share stand here; the selectors of single engines come with the sources issue.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

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
    r"(?:^|[-_])(?:signatures?|membersignature|sig|postsig|tooltip|dropdown|modal|reactions?|reactionsbar|sharing|"
    r"sharedaddy|breadcrumbs?|actionbar|toolbar|jp-relatedposts|screen-reader-text|sr-only|visually-hidden|visuallyhidden|"
    r"a2a|addtoany|social|lastedit|lastedited|notice|editby|attachments?|attachmentslist|expandlink|postbuttons|"
    r"post-buttons|likes?|thanks|unfurl|onebox|js-unfurl|link-preview|linkpreview|embed-card|buttonbar|adsbygoogle|"
    r"advert|advertisement|edithistory|post-menu|postmenu|voting|votes?|taglist|tag-list|post-tags|menubar|byline-meta)(?:$|[-_])",
    re.IGNORECASE,
)
_QUOTE_SOURCE = ("data-author", "data-username", "data-source", "data-post", "data-quote", "data-ipsquote", "cite")
_QUOTE_NAME = re.compile(r"(?<!block)(?<!pull)quote", re.IGNORECASE)
_WROTE = re.compile(
    r"^\s*(?:originally posted by|quote(?: from)?:|quoting|in reply to|zitat(?: von)?|citat|citation|cita)\b|"
    r"^[^\n.!?]{1,60}?\b(?:said|wrote|writes|says|posted|schrieb|hat geschrieben|a écrit|a dit|escribió|ha scritto|"
    r"escreveu|schreef|skrev|napisał|kirjoitti|написал\w*|писал\w*)\b[^\n]{0,40}?:|^[^\n]{1,40}さん(?:が|は)?(?:書き|wrote)",
    re.IGNORECASE,
)
_WROTE_END = re.compile(
    r"(?:said|wrote|writes|schrieb|a écrit|a dit|escribió|ha scritto|написал)\b(?: in [^\n]{1,100})?\s*:?\s*$",
    re.IGNORECASE,
)
_BODY_QUOTE = re.compile(r"message|post(?!quote|-quote)|content|body|comment(?!quote)", re.IGNORECASE)
_PARENT_PREVIEW = re.compile(
    r"(?:^|\s)(?:parent-?(?:post|preview)|reply-?preview|replied-?to|in-reply-to|embedded-?reply)(?:\s|$)"
)
_HEAD_LENGTH = 160
_SPACED_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUOTE = re.compile(
    r"^(?:(?:[a-z]+[-_]{1,2})*(?:bb|ips|post)?quoted?(?:[-_]{0,2}(?:body|box|block|boxes|content|container|title|head|header|"
    r"text|post|message|inner|outer|wrap|wrapper|main))*|bb_?code_?block--quote|uncited|citation)$",
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
    name = element.get("id") or element.get("data-role")
    return bool(name) and _noisy_class(name or "")


@lru_cache(maxsize=20_000)
def _quoting_class(value: str) -> bool:
    return any(_QUOTE.match(name) for name in value.split())


def is_quote(element: html.HtmlElement) -> bool:
    """Say whether an element quotes: a blockquote that is no message body, or a box with such a name."""
    value = element.get("class") or ""
    if element.get("component") == "post/parent" or _PARENT_PREVIEW.search(value):
        return True
    if element.tag == "blockquote":
        return not _BODY_QUOTE.search(value)
    return bool(value) and element.tag in ("div", "aside", "table", "td", "section") and _quoting_class(value)


def quotes_post(element: html.HtmlElement) -> bool:
    """Say whether a quote repeats somebody's post ("Ann wrote:"), rather than a text from elsewhere."""
    if element.tag == "p":
        return _introduces_quote(element)
    if not is_quote(element):
        return False
    if element.get("component") == "post/parent" or _PARENT_PREVIEW.search(element.get("class") or ""):
        return True
    if _QUOTE_NAME.search(element.get("class") or "") or any(name in element.attrib for name in _QUOTE_SOURCE):
        return True
    if element.find(".//cite") is not None or _begins_with_mention(element):
        return True
    start = "".join(islice(element.itertext(), 12)).lstrip()[:160]
    before = element.getprevious()
    lead = "".join(islice(before.itertext(), 12))[-160:] if before is not None else ""
    return bool(_WROTE.search(start) or _WROTE_END.search(lead))


def _begins_with_mention(element: html.HtmlElement) -> bool:
    """Say whether a quote begins with a link to somebody, or to somebody's post."""
    for inner in islice(element.iter(), 8):
        if inner.tag == "a":
            return "mention" in (inner.get("class") or "").lower() or is_user_link(inner)
        if (inner.text or "").strip():
            return False
    return False


def _introduces_quote(element: html.HtmlElement) -> bool:
    """Say whether a paragraph is the head of the quote after it: "@ann said in Some thread:"."""
    after = element.getnext()
    if after is None or after.tag != "blockquote" or (element.tail or "").strip() or len(element) > 6:
        return False
    text = "".join(element.itertext())
    return len(text) <= _HEAD_LENGTH and bool(_WROTE_END.search(text)) and text.rstrip().endswith(":")


_USER_LINK = re.compile(
    r"/(?:users?|members?|u|people|authors?|membre|mitglied|utenti|usuario|by|~)[/.:-](?!log_?(?:in|out)|regist|sign|password)|"
    r"/(?:user|member)$|profiles?(?:$|[/.?&;=:-])|(?:^|/)(?:user|member)\?|"
    r"[?&;/](?:u|uid|user|userid|user_id|member|showuser|username)=|"
    r"memberlist\.php|member\.php|user_?info|usr_?info|space-uid|mod=space|/@|/~\w",
    re.IGNORECASE,
)
_SHARES = re.compile(r"share|intent/|mailto:", re.IGNORECASE)
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
    return (
        bool(link) and len(link or "") < 400 and bool(_USER_LINK.search(link or "")) and not _SHARES.search(link or "")
    )


def is_author_mark(element: html.HtmlElement) -> bool:
    """Say whether an element may name an author."""
    return is_user_link(element) or naming_strength(element) == 2

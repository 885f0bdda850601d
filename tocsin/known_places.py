"""Well-known places by their addresses: which kind of source reads them, or why none does. Pure, asks nobody.

A place has a key that is the same for all its addresses (`reddit.com/r/sysadmin`, `github.com/o/r`, else the
host), so that links can be counted and sources compared with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from tocsin.proposals import Proposal, source_name
from tocsin.source_kinds import GONE
from tocsin.store.records import SourceKind

_IMPORT = "import an export of your own instead (docs/sources.md, importing a file)"
CLOSED: Mapping[str, str] = {
    "plus.google.com": GONE["google+"],
    "myspace.com": GONE["myspace"],
    ".disqus.com": GONE["disqus"],
    "groups.google.com": "Google Groups has neither an API nor feeds any more",
    "quora.com": "Quora has no API and its terms forbid scraping",
    "tiktok.com": f"TikTok opens its comments to approved researchers only; {_IMPORT}",
    "threads.net": f"Threads has an API for one's own account only; {_IMPORT}",
    "threads.com": f"Threads has an API for one's own account only; {_IMPORT}",
    "discord.com": "Discord is read by invited bots only: it is no public place",
    "discord.gg": "Discord is read by invited bots only: it is no public place",
    ".slack.com": "Slack is not public",
    "t.me": "Telegram has no public API for reading groups without an account",
    **dict.fromkeys(
        ("g2.com", "capterra.com", "gartner.com", "trustpilot.com", "glassdoor.com", "yelp.com", "tripadvisor.com"),
        f"its terms forbid automated reading; {_IMPORT}",
    ),
}
"""Hosts that cannot be read, with the reason; a dot in front: those under it too."""

_AMAZON = re.compile(r"amazon\.(?:com?\.)?[a-z]{2,3}")
_STACK = {
    "stackoverflow.com": "stackoverflow",
    "serverfault.com": "serverfault",
    "superuser.com": "superuser",
    "askubuntu.com": "askubuntu",
    "mathoverflow.net": "mathoverflow.net",
    "stackapps.com": "stackapps",
}
_NO_OWNER = re.compile(
    r"about|apps|collections|contact|customer-stories|enterprise|events|explore|features|gist|issues|join|"
    r"login|marketplace|new|notifications|orgs|pricing|pulls|search|security|settings|site|sponsors|team|"
    r"topics|trending|users"
)
_NO_ACCOUNT = re.compile(
    r"about|ads|business|download|events|explore|groups|hashtag|help|home|i|intent|login|marketplace|"
    r"messages|p|pages|photo|policies|privacy|profile\.php|reel|reels|search|settings|share|sharer|"
    r"sharer\.php|signup|stories|tos|tv|watch"
)
Keys = Mapping[str, str | tuple[str, ...]]
_HANDLE = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address belongs. `closed`: why nothing reads it; neither that nor a proposal: ask the site itself."""

    key: str
    proposal: Proposal | None = None
    closed: str | None = None


def place_of(url: str) -> Place | None:
    """Return the place that `url` belongs to, None when it is no web address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
        parts.port  # noqa: B018 (raises on a port that is none)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    steps = [step for step in parts.path.split("/") if step]
    if _AMAZON.fullmatch(host):
        return Place(host, closed=f"Amazon's terms forbid automated reading; {_IMPORT}")
    for closed, reason in CLOSED.items():
        if host == closed or (closed.startswith(".") and f".{host}".endswith(closed)):
            return Place(closed.lstrip("."), closed=reason)
    for name, find in _FINDERS:
        if _within(host, name):
            return find(host, steps, parts)
    return Place(host)


def stack_host(community: str) -> str:
    """Return the host of a Stack Exchange site, given its host or its name in the API."""
    name = community.casefold().strip()
    named = {api: host for host, api in _STACK.items()}
    if name in named:
        return named[name]
    return name if name.endswith((".com", ".net")) else f"{name}.stackexchange.com"


def _within(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}")


def _proposed(key: str, kind: SourceKind, why: str, keys: Keys, note: str = "") -> Place:
    return Place(key, Proposal(kind, source_name(key.replace("/", "-")), keys, why, note=note))


def _hacker_news(_host: str, _steps: Sequence[str], _parts: SplitResult) -> Place:
    note = 'add query = "YOUR BRAND": without it the whole site is read'
    return _proposed("news.ycombinator.com", "hackernews", "Hacker News has a public search API", {}, note)


def _stack(host: str, steps: Sequence[str], _parts: SplitResult) -> Place:
    community = _STACK.get(host) or host.removesuffix(".stackexchange.com").removesuffix(".com")
    if host in ("stackexchange.com", "api.stackexchange.com"):
        return Place("stackexchange.com")
    keys: dict[str, str | tuple[str, ...]] = {"communities": (community,)}
    if steps[:2] == ["questions", "tagged"] and len(steps) > 2:
        keys["tags"] = tuple(steps[2].split("+"))
    return _proposed(host, "stackexchange", "a Stack Exchange site, read by its official API", keys)


def _github(host: str, steps: Sequence[str], _parts: SplitResult) -> Place:
    if host != "github.com" or len(steps) < 2 or _NO_OWNER.fullmatch(steps[0].lower()):
        return Place("github.com")
    repository = f"{steps[0]}/{steps[1].removesuffix('.git')}"
    return _proposed(
        f"github.com/{repository.lower()}",
        "github",
        "issues and discussions of a repository, read by GitHub's API",
        {"communities": (repository,)},
    )


def _youtube(host: str, steps: Sequence[str], parts: SplitResult) -> Place:
    why = "comments, read by YouTube's Data API"
    video = steps[0] if host == "youtu.be" and steps else next(iter(parse_qs(parts.query).get("v", [])), "")
    if not video and len(steps) > 1 and steps[0] in ("shorts", "live", "embed", "v"):
        video = steps[1]
    if video:
        return _proposed("youtube.com", "youtube", why, {"pages": (f"https://www.youtube.com/watch?v={video}",)})
    if steps and steps[0].startswith("@"):
        return _proposed(f"youtube.com/{steps[0].lower()}", "youtube", why, {"accounts": (steps[0],)})
    if len(steps) > 1 and steps[0] == "channel":
        return _proposed(f"youtube.com/channel/{steps[1]}", "youtube", why, {"accounts": (steps[1],)})
    if len(steps) > 1 and steps[0] in ("c", "user"):
        return _proposed(f"youtube.com/@{steps[1].lower()}", "youtube", why, {"accounts": (f"@{steps[1]}",)})
    return Place("youtube.com")


def _reddit(_host: str, steps: Sequence[str], _parts: SplitResult) -> Place:
    if len(steps) > 1 and steps[0] == "r" and _HANDLE.fullmatch(steps[1]):
        why = "a subreddit, read by Reddit's official API once they have approved of you"
        return _proposed(f"reddit.com/r/{steps[1].lower()}", "reddit", why, {"communities": (steps[1],)})
    return Place("reddit.com")


def _bluesky(_host: str, steps: Sequence[str], parts: SplitResult) -> Place:
    why = "read by Bluesky's public API; a handle and an app password open its search"
    if len(steps) > 3 and steps[0] == "profile" and steps[2] == "post":
        page = f"https://{parts.netloc}/{'/'.join(steps[:4])}"
        return _proposed(f"bsky.app/profile/{steps[1].lower()}", "bluesky", why, {"pages": (page,)})
    if len(steps) > 1 and steps[0] == "profile":
        return _proposed(f"bsky.app/profile/{steps[1].lower()}", "bluesky", why, {"accounts": (steps[1],)})
    return Place("bsky.app")


def _accounts_of(site: str, kind: SourceKind, why: str, *, under: Sequence[str] = ()) -> Callable[..., Place]:
    def find(_host: str, steps: Sequence[str], _parts: SplitResult) -> Place:
        if under and (len(steps) < 2 or steps[0] not in under):
            return Place(site)
        account = steps[1] if under else (steps[0].lstrip("@") if steps else "")
        if not account or not _HANDLE.fullmatch(account) or _NO_ACCOUNT.fullmatch(account.lower()):
            return Place(site)
        key = "/".join((site, *steps[: len(under) and 1], account.lower()))
        return _proposed(key, kind, why, {"accounts": (account,)})

    return find


def _feed_at(path: str, why: str) -> Callable[..., Place]:
    def find(host: str, _steps: Sequence[str], _parts: SplitResult) -> Place:
        return _proposed(host, "feed", why, {"url": f"https://{host}{path}"})

    return find


def _feed_of_writer(site: str, address: str, why: str) -> Callable[..., Place]:
    def find(host: str, steps: Sequence[str], _parts: SplitResult) -> Place:
        if host != site:  # a writer's own host under it
            return _proposed(host, "feed", why, {"url": f"https://{host}/feed"})
        writer = steps[1] if len(steps) > 1 and steps[0] == "feed" else steps[0] if steps else ""
        if not writer:
            return Place(site)
        return _proposed(f"{site}/{writer.lower()}", "feed", why, {"url": address.format(writer)})

    return find


def _wordpress_com(host: str, _steps: Sequence[str], _parts: SplitResult) -> Place:
    return _proposed(host, "wordpress", "a blog at WordPress.com", {"url": f"https://{host}/"})


_X = _accounts_of("x.com", "x", "read by X's official API, which has to be paid for")
_OWN = "your own page only, by its official API: for others, import an export"
_YOUR_LINKEDIN = "your own organisation only, by LinkedIn's official API: for others, import an export"

_FINDERS: tuple[tuple[str, Callable[..., Place]], ...] = (
    ("news.ycombinator.com", _hacker_news),
    ("hn.algolia.com", _hacker_news),
    ("stackexchange.com", _stack),
    *((host, _stack) for host in _STACK),
    ("github.com", _github),
    ("youtube.com", _youtube),
    ("youtu.be", _youtube),
    ("reddit.com", _reddit),
    ("bsky.app", _bluesky),
    ("x.com", _X),
    ("twitter.com", _X),
    ("linkedin.com", _accounts_of("linkedin.com", "linkedin", _YOUR_LINKEDIN, under=("company", "showcase", "school"))),
    ("facebook.com", _accounts_of("facebook.com", "facebook", _OWN)),
    ("instagram.com", _accounts_of("instagram.com", "instagram", _OWN)),
    ("medium.com", _feed_of_writer("medium.com", "https://medium.com/feed/{}", "Medium has a feed for each writer")),
    ("dev.to", _feed_of_writer("dev.to", "https://dev.to/feed/{}", "dev.to has a feed for each writer")),
    ("substack.com", _feed_at("/feed", "Substack has a feed for each writer")),
    ("tumblr.com", _feed_at("/rss", "Tumblr has a feed for each blog")),
    ("blogspot.com", _feed_at("/feeds/posts/default", "Blogger has a feed for each blog")),
    ("lobste.rs", _feed_at("/rss", "Lobsters has a feed")),
    ("wordpress.com", _wordpress_com),
)
"""The first whose name is the host, or the end of it, decides."""

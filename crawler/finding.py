"""Which kinds of source a site offers: answers in, proposals out, best first. Pure: nothing is asked here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from crawler.extract.errors import ExtractError
from crawler.extract.links import thread_links
from crawler.extract.page import Page
from crawler.finding_answers import (
    Answer,
    feed_links,
    feed_title,
    is_feed,
    links_of,
    named_by_nodeinfo,
    nodeinfo_links,
    page_of,
    wordpress_api,
)
from crawler.finding_engines import ENGINES, FORUMS, Engine
from tocsin.known_places import place_of
from tocsin.proposals import Proposal, source_name, with_distinct_names
from tocsin.store.records import SourceKind

Keys = Mapping[str, str | tuple[str, ...]]

MOST_QUESTIONS = 6
"""Requests to a site after its page: a handful, so that looking stays polite."""
_LEAST_THREADS = 5
_MOST_LISTS = 5
_ORDER: Sequence[SourceKind] = (
    *("discourse", "nodebb", "flarum", "lemmy", "mastodon", "wordpress", "hyperkitty", "mbox", "forum", "isso"),
    *("reviews", "feed", "sitemap"),
)


def questions(page: Answer, sitemaps: Sequence[str] = ()) -> list[str]:
    """Return what to ask a site after its page; `sitemaps` are those that robots.txt names."""
    read = page_of(page)
    proofs = [_proof(engine, page) for engine in ENGINES if _marked(engine, page)]
    api = wordpress_api(page, read)
    asked = [*([api] if api else []), *proofs, *(address for address, _ in feed_links(read)[:2])]
    if not proofs and read is not None:
        asked.append(urljoin(page.url, "/.well-known/nodeinfo"))
    own = [address for address in sitemaps if _same_host(address, page.url)]
    asked.append(own[0] if own else urljoin(page.url, "/sitemap.xml"))
    return list(dict.fromkeys(address for address in asked if address != page.url))[:MOST_QUESTIONS]


def more_questions(page: Answer, answers: Sequence[Answer]) -> list[str]:
    """Return the proofs that NodeInfo made worth asking for: at most one."""
    named = {engine for answer in answers for engine in named_by_nodeinfo(answer)}
    asked = {answer.asked for answer in answers}
    proofs = [_proof(engine, page) for engine in ENGINES if engine.name in named]
    links = [link for answer in answers for link in nodeinfo_links(answer)]
    return [address for address in (*proofs, *links) if address not in asked and _same_host(address, page.url)][:1]


def proposals(url: str, answers: Sequence[Answer]) -> list[Proposal]:
    """Return the sources that the site at `url` offers, best first; the first answer is the page itself."""
    known = place_of(url)
    if known is not None and (known.proposal or known.closed):
        return [known.proposal] if known.proposal else []
    if not answers:
        return []
    page, rest = answers[0], answers[1:]
    found = [*_by_api(page, rest), *_by_page(page), *_by_files(rest)]
    ranked = sorted(found, key=lambda proposal: (not proposal.sure, _ORDER.index(proposal.kind)))
    distinct: dict[object, Proposal] = {}
    for proposal in ranked:
        distinct.setdefault((proposal.kind, *proposal.keys.items()), proposal)
    return with_distinct_names(distinct.values())


def _by_api(page: Answer, rest: Sequence[Answer]) -> Iterator[Proposal]:
    for engine in ENGINES:
        answer = next((answer for answer in rest if answer.asked == _proof(engine, page)), None)
        if answer is not None and engine.proves(answer.json()):
            yield _proposal(page, engine.kind, engine.why, _engine_keys(engine, page), note=_note(engine, page))
        elif engine.forum and _marked(engine, page):
            said = "was not asked" if answer is None else f"did not answer as expected (HTTP {answer.status})"
            why = f"the page is made by {engine.name}, but its API {said}: read it as pages"
            yield _proposal(page, "forum", why, {"url": page.url}, sure=False)
    api = wordpress_api(page, page_of(page))
    if api is not None:
        answer = next((answer for answer in rest if answer.asked == api), None)
        spaces = answer.json() if answer is not None else None
        sure = isinstance(spaces, dict) and "wp/v2" in (spaces.get("namespaces") or ())
        why = (
            "WordPress: its REST API answers"
            if sure
            else "WordPress names its REST API; if that is off, feeds are read"
        )
        yield _proposal(
            page, "wordpress", why, {"url": re.sub(r"(?:index\.php/)?wp-json/?$|\?rest_route=.*$", "", api)}
        )


def _by_page(page: Answer) -> Iterator[Proposal]:
    read = page_of(page)
    if is_feed(page):
        yield _proposal(page, "feed", "the address itself is a feed", {"url": page.url})
    if read is None:
        return
    engine = next((name for name, marks in FORUMS.items() if marks.search(page.text)), None)
    threads = 0 if engine else len(_threads(read, page.url))
    if engine or threads >= _LEAST_THREADS:
        why = f"a forum made by {engine}" if engine else f"the page links to {threads} threads, by an engine not known"
        note = "best is the address of the list that is sorted by latest activity"
        yield _proposal(page, "forum", why, {"url": page.url}, sure=engine is not None, note=note)
    if "hyperkitty" in page.text.lower():
        for archive in _mailing_lists(page.url, links_of(read)):
            yield _proposal(page, "hyperkitty", "a mailing list archive made by HyperKitty", {"url": archive})
    boxes = [link for link in links_of(read) if re.search(r"\.mbox(?:\.gz)?$|/\d{4}-\w+\.txt(?:\.gz)?$", link)]
    if boxes:
        yield _proposal(page, "mbox", f"the page links to {len(boxes)} mailing list archives", {"url": page.url})
    if (server := next((e.get("data-isso") for e in read.root.iter("script") if e.get("data-isso")), None)) is not None:
        # The front page lets the spider look for a sitemap, which names the other pages.
        pages = tuple(dict.fromkeys((urljoin(page.url, "/"), page.url)))
        where = read.absolute(server) or page.url
        yield _proposal(page, "isso", "comments by Isso stand under the page", {"url": where, "pages": pages})
    if re.search(r'"@type"\s{0,9}:\s{0,9}\[?\s{0,9}"(?:Review|AggregateRating)"|schema\.org/Review\b', page.text):
        note = "only where the site's terms allow it"
        yield _proposal(page, "reviews", "the page marks reviews up as schema.org does", {"url": page.url}, note=note)


def _by_files(rest: Sequence[Answer]) -> Iterator[Proposal]:
    for answer in rest:
        if answer.good and is_feed(answer):
            title = feed_title(answer)
            yield _proposal(answer, "feed", f"a feed{f' ({title})' if title else ''}", {"url": answer.url})
        elif answer.good and re.search(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", answer.text[:5_000]):
            yield _proposal(answer, "sitemap", "a sitemap lists the site's pages", {"url": answer.url})


def _proposal(page: Answer, kind: SourceKind, why: str, keys: Keys, *, sure: bool = True, note: str = "") -> Proposal:
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    return Proposal(kind, source_name(host), keys, why, sure, note)


def _marked(engine: Engine, page: Answer) -> bool:
    by = f"{page.headers.get('x-powered-by', '')} {page.headers.get('server', '')}".lower()
    return page.good and (bool(engine.marks.search(page.text)) or engine.name.lower() in by)


def _base(engine: Engine, page: Answer) -> str:
    told = engine.base.search(page.text) if engine.base is not None else None
    return urljoin(page.url, f"{told[1].rstrip('/')}/" if told else "/")


def _proof(engine: Engine, page: Answer) -> str:
    return urljoin(_base(engine, page), engine.proof)


def _engine_keys(engine: Engine, page: Answer) -> dict[str, str | tuple[str, ...]]:
    keys: dict[str, str | tuple[str, ...]] = {"url": _base(engine, page)}
    path = urlsplit(page.url).path
    if engine.kind == "mastodon":
        account, tag = re.match(r"/@([^/]+)", path), re.match(r"/tags/([^/]+)", path)
        return {**keys, **({"accounts": (account[1],)} if account else {"tags": (tag[1] if tag else "YOURBRAND",)})}
    if engine.kind == "lemmy" and (community := re.match(r"/c/([^/]+)", path)):
        return {**keys, "communities": (community[1],)}
    return keys


def _note(engine: Engine, page: Answer) -> str:
    tags = _engine_keys(engine, page).get("tags")
    return "name the tags to listen to, or accounts" if tags == ("YOURBRAND",) else ""


def _same_host(one: str, other: str) -> bool:
    return urlsplit(one).netloc == urlsplit(other).netloc


def _mailing_lists(url: str, links: Sequence[str]) -> list[str]:
    found = [
        hit[0] for address in (url, *links) if (hit := re.match(r"https?://[^?#]*?/list/[^/?#]+@[^/?#]+/", address))
    ]
    return list(dict.fromkeys(found))[:_MOST_LISTS]


def _threads(page: Page, url: str) -> Sequence[object]:
    try:
        return thread_links(page, url)
    except ExtractError:
        return ()

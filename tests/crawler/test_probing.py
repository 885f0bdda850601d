"""Trying a source once and looking at a site, over real HTTP with the real child process."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conftest import Answer, Asked, Site, feed_of, json_answer

from crawler.finding import proposals
from crawler.plan import CrawlPlan, SourcePlan
from crawler.probing import LOOK_REQUESTS, REQUESTS, check, look

NOW = datetime.now(UTC).replace(microsecond=0)


def plan(folder: Path, *sources: SourcePlan, delay: float = 0.0) -> CrawlPlan:
    return CrawlPlan(str(folder / "tocsin.db"), 0, sources, str(folder / "cache"), delay=delay, minutes=0.5)


def feed(site: Site, name: str = "blog", path: str = "/feed") -> SourcePlan:
    return SourcePlan(name, "feed", f"{site.url}{path}", allow_private=True)


def entries(count: int) -> Answer:
    return feed_of(
        [{"id": n, "date": NOW - timedelta(days=200, hours=n), "link": f"http://127.0.0.1/{n}"} for n in range(count)]
    )


def test_a_check_tells_route_newest_post_missing_fields_and_robots_and_stores_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.routes["/feed"] = entries(3)
    site.routes["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 2\n", content_type="text/plain")
    dead = SourcePlan("dead", "feed", "http://127.0.0.1:9/feed", allow_private=True)
    locked = SourcePlan("videos", "youtube", query="acme")
    shut = SourcePlan("shut", "feed", f"{site.url}/shut", allow_private=True)
    started = datetime.now(UTC)
    blog, broken, videos, gone = check(plan(tmp_path, feed(site), dead, locked, shut))
    assert (blog.status, blog.route, blog.posts) == ("ok", "feed", 3)
    assert blog.newest_post_at == NOW - timedelta(days=200)
    assert (blog.missing["author"], blog.missing["likes"]) == (3, 3)
    assert not blog.missing.keys() & {"time", "text", "parent"}
    assert blog.robots == "allows us, crawl-delay 2 s"
    assert blog.next_request_at is not None
    assert blog.next_request_at >= started + timedelta(seconds=2)
    assert blog.answered == (f"{site.url.removeprefix('http://')}/feed (200)",)
    assert broken.status == "failed"
    assert "connection refused" in str(broken.detail)
    assert (videos.status, videos.requests) == ("off", 0)
    assert videos.credentials == {"TOCSIN_YOUTUBE__KEY": "missing"}
    assert gone.status == "failed"
    assert "404" in str(gone.detail)
    assert list(tmp_path.iterdir()) == []


def test_a_check_asks_little_and_does_not_wait_for_what_it_will_not_ask(site: Site, tmp_path: Path) -> None:
    rows = "".join(f"<li><a href='/t/topic-{n}/{n}'>A long topic title {n}</a> 5 replies</li>" for n in range(60))
    site.routes["/latest"] = Answer(f"<html><body><ul>{rows}</ul></body></html>")
    site.fallback = Answer("<html><body><p>words</p></body></html>")
    forum = SourcePlan("forum", "forum", f"{site.url}/latest", allow_private=True)
    (found,) = check(plan(tmp_path, forum, delay=0.5))
    assert len(site.asked) <= REQUESTS
    # Waiting for its turn with each of the 50 threads that are not asked for would take 25 s.
    assert time.monotonic() - site.asked[-1].at < 15
    assert found.requests <= REQUESTS
    assert "budget" not in str(found.detail)


def test_what_robots_forbids_is_not_tried_and_a_host_that_asks_to_wait_is_told_with_the_time(
    site: Site, second_site: Site, tmp_path: Path
) -> None:
    site.routes["/feed"] = entries(3)
    site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /feed\n", content_type="text/plain")
    second_site.routes["/feed"] = Answer(status=429, headers={"Retry-After": "600"})
    forbidden, refused = check(plan(tmp_path, feed(site), feed(second_site, "busy")))
    assert (forbidden.status, forbidden.route, forbidden.robots) == ("refused", None, "forbids what we would read")
    assert site.paths() == ["/robots.txt"]
    assert (refused.status, refused.robots) == ("failed", "no robots.txt: everything is allowed")
    assert refused.next_request_at is not None
    assert timedelta(seconds=570) < refused.next_request_at - datetime.now(UTC) <= timedelta(seconds=600)
    assert "asked to wait 600 s" in str(refused.detail)


def test_looking_at_a_site_asks_a_handful_and_finds_its_api_feeds_and_sitemap(site: Site, tmp_path: Path) -> None:
    def front(_: Asked) -> Answer:
        return Answer(
            '<html><head><meta name="generator" content="WordPress 6.9">'
            '<link rel="https://api.w.org/" href="/wp-json/">'
            '<link rel="alternate" type="application/rss+xml" title="News" href="/feed/">'
            "</head><body><p>Hello</p></body></html>"
        )

    site.routes["/"] = front
    site.routes["/wp-json/"] = json_answer({"name": "News", "namespaces": ["oembed/1.0", "wp/v2"]})
    site.routes["/feed/"] = entries(2)
    site.routes["/robots.txt"] = Answer(f"User-agent: *\nSitemap: {site.url}/map.xml\n", content_type="text/plain")
    site.routes["/map.xml"] = Answer("<urlset></urlset>", content_type="application/xml")
    looked = look(plan(tmp_path), f"{site.url}/", allow_private=True)
    assert [found.kind for found in proposals(looked.url, looked.answers)] == ["wordpress", "feed", "sitemap"]
    assert (looked.robots, looked.detail) == ("allows us", None)
    assert len(site.asked) == looked.requests <= LOOK_REQUESTS
    assert list(tmp_path.iterdir()) == []


def test_looking_follows_nodeinfo_to_an_engine_that_its_page_does_not_name(site: Site, tmp_path: Path) -> None:
    site.routes["/"] = Answer("<html><body><div>An app</div></body></html>")
    site.routes["/.well-known/nodeinfo"] = json_answer({"links": [{"rel": "x", "href": f"{site.url}/nodeinfo/2.0"}]})
    site.routes["/nodeinfo/2.0"] = json_answer({"software": {"name": "gotosocial"}})
    site.routes["/api/v1/instance"] = json_answer({"uri": "x", "version": "0.17"})
    looked = look(plan(tmp_path), f"{site.url}/", allow_private=True)
    assert [found.kind for found in proposals(looked.url, looked.answers)] == ["mastodon"]


def test_a_site_that_forbids_being_read_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", content_type="text/plain")
    looked = look(plan(tmp_path), f"{site.url}/", allow_private=True)
    assert looked.answers == ()
    assert "robots.txt forbids" in str(looked.detail)
    assert site.paths() == ["/robots.txt"]

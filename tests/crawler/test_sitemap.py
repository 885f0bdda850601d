from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Crawling, Site

from crawler.errors import NotUnderstoodError
from crawler.extract import ExtractError
from crawler.plan import SourcePlan
from crawler.sitemaps import is_sitemap, parse_sitemap, sitemap_lines

NOW = datetime.now(UTC)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
WORDS = "The valve leaks after a week under forty bar, and nobody at the works answers the telephone. "


def day(age: float) -> str:
    return (NOW - timedelta(days=age)).isoformat(timespec="seconds")


def urlset(*pages: tuple[str, str | None]) -> str:
    rows = "".join(f"<url><loc>{url}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>" for url, at in pages)
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {SPACE}>{rows}</urlset>"


def index(*maps: tuple[str, str | None]) -> str:
    return urlset(*maps).replace("urlset", "sitemapindex").replace("<url>", "<sitemap>").replace("</url>", "</sitemap>")


def xml(text: str, **headers: str) -> Answer:
    return Answer(text, headers=headers, content_type="application/xml")


def article(title: str, comments: int = 0, age: float = 30, words: str = WORDS) -> Answer:
    replies = "".join(
        f'<div itemprop="comment" itemscope itemtype="https://schema.org/Comment" id="comment-{number}">'
        f'<span itemprop="author">Bob {number}</span><time itemprop="dateCreated" datetime="{day(age)}">x</time>'
        f'<div itemprop="text">Reply {number} to {title}: we saw the same.</div></div>'
        for number in range(1, comments + 1)
    )
    return Answer(
        f"<html lang=en><head><title>{title}</title></head><body><nav>Home</nav>"
        f'<article itemscope itemtype="https://schema.org/BlogPosting"><h1 itemprop="headline">{title}</h1>'
        f'<span itemprop="author">Ann</span><time itemprop="datePublished" datetime="{day(age)}">x</time>'
        f'<div itemprop="articleBody"><p>{words * 4}</p><p>{words * 3}</p></div>{replies}</article></body></html>'
    )


def source(site: Site, path: str = "/", **changes: Any) -> SourcePlan:
    return SourcePlan("maps", "sitemap", site.url + path, allow_private=True, **changes)


def test_a_site_is_read_by_what_its_robots_txt_names(site: Site, crawling: Crawling) -> None:
    site.routes["/robots.txt"] = Answer(
        f"User-agent: *\nDisallow: /private\n\nSitemap: {site.url}/index.xml\n", content_type="text/plain"
    )
    site.routes["/index.xml"] = xml(index((f"{site.url}/new.xml.gz", day(1)), (f"{site.url}/old.xml", day(400))))
    pages = urlset((f"{site.url}/a", day(1)), (f"{site.url}/private/b", day(1)), ("https://other.test/c", day(1)))
    site.routes["/new.xml.gz"] = Answer(gzip.compress(pages.encode()), content_type="application/gzip")
    site.routes["/old.xml"] = xml(urlset((f"{site.url}/ancient", day(400))))
    site.routes["/a"] = article("Valves", comments=2)
    covered = crawling(source(site))["maps"]
    assert covered.new == 3
    assert covered.status == "partial"
    assert "robots.txt forbids" in str(covered.detail)
    assert "1 addresses on other hosts" in str(covered.detail)
    assert not {"/private/b", "/ancient"} & set(site.paths())
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
    assert set(rows) == {"maps:/a#page", "maps:/a#1", "maps:/a#2"}
    assert {row["thread_id"] for row in rows.values()} == {"maps:/a"}
    assert rows["maps:/a#1"]["text"] == "Reply 1 to Valves: we saw the same."


def test_only_changed_pages_are_read_again_and_an_edit_stays_the_same_post(site: Site, crawling: Crawling) -> None:
    dates = {"/a": day(20), "/b": day(19)}

    def write() -> None:
        text = urlset(*((site.url + path, at) for path, at in dates.items()))
        site.routes["/sitemap.xml"] = xml(text, ETag=f'"{hash(text)}"')

    site.routes["/a"], site.routes["/b"] = article("Ay"), article("Bee")
    write()
    first = crawling(source(site))["maps"]
    assert (first.status, first.new) == ("ok", 2)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    site.asked.clear()
    assert crawling(source(site))["maps"].seen == 0
    assert not {"/a", "/b"} & set(site.paths())

    dates["/b"] = day(0.5)
    site.routes["/b"] = article("Bee", comments=1, words=WORDS.replace("forty", "sixty"))
    write()
    third = crawling(source(site))["maps"]
    assert (third.new, third.changed) == (1, 1)
    assert "/a" not in site.paths()


def test_a_budget_that_runs_out_goes_on_next_time_even_when_the_index_has_not_changed(
    site: Site, crawling: Crawling
) -> None:
    site.routes["/sitemap_index.xml"] = xml(
        index((f"{site.url}/one.xml", day(2)), (f"{site.url}/two.xml", None)), ETag='"i"'
    )
    for number, name in enumerate(("one", "two")):
        paths = [f"/p{number}{page}" for page in range(4)]
        site.routes[f"/{name}.xml"] = xml(urlset(*((site.url + path, day(5)) for path in paths)), ETag=f'"{name}"')
        for path in paths:
            site.routes[path] = article(path)
    plan = ("/sitemap_index.xml",)
    assert crawling(source(site, *plan, budget=3))["maps"].status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    statuses = [crawling(source(site, *plan, budget=7))["maps"].status for _ in range(3)]
    assert statuses[-1] == "ok"
    assert len(crawling.ids()) == 8
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_pages_without_dates_are_read_once_and_again_while_they_are_young(site: Site, crawling: Crawling) -> None:
    site.routes["/sitemap.xml"] = xml(urlset((f"{site.url}/young?p=1", None), (f"{site.url}/old?p=2", None)))
    site.routes["/young"], site.routes["/old"] = article("Young", age=5), article("Old", age=40)
    assert crawling(source(site))["maps"].new == 2
    site.routes["/young"] = article("Young", age=5, comments=1)
    site.asked.clear()
    assert crawling(source(site))["maps"].new == 1
    assert "/old" not in site.paths()


def test_a_site_without_a_sitemap_and_one_that_gives_a_page_fail_by_name(site: Site, crawling: Crawling) -> None:
    missing = crawling(source(site))["maps"]
    assert missing.status == "failed"
    assert "/sitemap.xml answered 404" in str(missing.detail)
    site.routes["/sitemap.xml"] = Answer("<html><body>Welcome</body></html>")
    assert "no sitemap" in str(crawling(source(site))["maps"].detail)


def test_a_bomb_in_a_sitemap_stops_nobody(site: Site, crawling: Crawling) -> None:
    site.routes["/robots.txt"] = Answer(
        f"Sitemap: {site.url}/bomb.xml.gz\nsitemap: /good.xml", content_type="text/plain"
    )
    site.routes["/bomb.xml.gz"] = Answer(gzip.compress(b" " * 90_000_000), content_type="application/gzip")
    site.routes["/good.xml"] = xml(urlset((f"{site.url}/a", day(1))))
    site.routes["/a"] = article("Ay")
    covered = crawling(source(site))["maps"]
    assert covered.new == 1
    assert "unpacks to more than" in str(covered.detail)


def test_entities_are_never_expanded_and_no_file_is_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    hostile = (
        f"<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 'ha'>{laughs}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        f"<urlset {SPACE}><url><loc>http://x.test/&l11;</loc></url><url><loc>http://x.test/&f;</loc></url></urlset>"
    )
    began = time.perf_counter()
    found = parse_sitemap(hostile.encode(), "http://x.test/sitemap.xml")
    assert [entry.url for entry in found.entries] == ["http://x.test/&l11", "http://x.test/&f"]
    assert time.perf_counter() - began < 0.5


def test_sitemaps_are_read_in_every_form() -> None:
    assert [entry.url for entry in parse_sitemap(b"http://x.test/a\nhttp://x.test/b\n", "http://x.test/").entries] == [
        "http://x.test/a",
        "http://x.test/b",
    ]
    news = f"<urlset {SPACE} xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc> /a </loc><n:news>" + (
        "<n:publication_date>2026-11-02</n:publication_date></n:news></url><url><loc></loc></url></urlset>"
    )
    (entry,) = parse_sitemap(news.encode("utf-16"), "http://x.test/s.xml").entries
    assert (entry.url, entry.changed) == ("http://x.test/a", datetime(2026, 11, 2, tzinfo=UTC))
    many = urlset(*((f"http://x.test/{n}", None) for n in range(50_010)))
    assert len(parse_sitemap(many.encode(), "http://x.test/").entries) == 50_000
    for broken in (b"<rss></rss>", b"plain words", b"", b"\0\0"):
        with pytest.raises((NotUnderstoodError, ExtractError)):
            parse_sitemap(broken, "http://x.test/")


def test_sites_and_their_sitemaps_are_told_apart() -> None:
    assert sitemap_lines("SITEMAP : http://a/x\nsitemap:http://a/y\n# sitemap: no\nSitemap: http://a/x") == [
        "http://a/x",
        "http://a/y",
    ]
    assert is_sitemap("https://x.test/a/sitemap_index.xml")
    assert is_sitemap("https://x.test/pages.xml.gz")
    assert not is_sitemap("https://x.test/blog/")

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site

from crawler.extract import read_page
from crawler.plan import SourcePlan
from crawler.review_rows import read_reviews
from crawler.spiders.reviews import is_forbidden

NOW = datetime.now(UTC)


def review(number: int, stars: float = 2, age: float = 10, **more: Any) -> dict[str, Any]:
    return {
        "@type": "Review",
        "@id": f"#review-{number}",
        "author": {"@type": "Person", "name": f"Ann {number}"},
        "datePublished": (NOW - timedelta(days=age)).isoformat(timespec="seconds"),
        "reviewBody": f"It leaked after {number} weeks.",
        "reviewRating": {"@type": "Rating", "ratingValue": stars, "bestRating": "5"},
        **more,
    }


def product(reviews: list[dict[str, Any]], count: int | None) -> str:
    total = {"aggregateRating": {"@type": "AggregateRating", "ratingValue": 3.1, "reviewCount": count}} if count else {}
    thing = {"@context": "https://schema.org", "@type": "Product", "name": "Pump 40", "review": reviews, **total}
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


@dataclass
class Shop:
    """A product page: `page` reviews at once in the order of `reviews`, and a link to the next ones."""

    site: Site
    reviews: list[dict[str, Any]] = field(default_factory=list)
    page: int = 3
    counted_more: int = 0
    counts: bool = True

    def __post_init__(self) -> None:
        self.site.routes["/pump"] = self.answer

    def answer(self, asked: Asked) -> Answer:
        number = int(asked.query.get("page", ["1"])[0])
        shown = self.reviews[(number - 1) * self.page : number * self.page]
        more = len(self.reviews) > number * self.page
        link = f'<div class="pagination"><a rel="next" href="/pump?page={number + 1}">Next</a></div>' if more else ""
        count = len(self.reviews) + self.counted_more if self.counts else None
        return Answer(
            f"<html lang=en><head><title>Pump</title>{product(shown, count)}</head><body><h1>P</h1>{link}</body></html>"
        )


@pytest.fixture
def shop(site: Site) -> Shop:
    return Shop(site)


def source(site: Site, path: str = "/pump", **changes: Any) -> SourcePlan:
    return SourcePlan("shop", "reviews", site.url + path, allow_private=True, **changes)


def test_every_review_over_pages_with_its_stars_then_one_request_a_run(shop: Shop, crawling: Crawling) -> None:
    shop.reviews = [review(number) for number in range(1, 9)]
    first = crawling(source(shop.site))["shop"]
    assert (first.status, first.new) == ("ok", 8)
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
        titles = [row["title"] for row in store.rows("SELECT title FROM threads")]
    assert rows["shop:review-7"]["text"] == "[2 of 5] It leaked after 7 weeks."
    assert titles == ["Pump 40"]
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    shop.site.asked.clear()
    assert crawling(source(shop.site))["shop"].new == 0
    assert shop.site.paths().count("/pump") == 1


def test_a_new_review_deep_in_a_list_by_helpfulness_is_found_by_the_count(shop: Shop, crawling: Crawling) -> None:
    shop.reviews = [review(number) for number in range(1, 9)]
    crawling(source(shop.site))
    shop.reviews.append(review(9, stars=1, age=0.1))
    assert crawling(source(shop.site))["shop"].new == 1
    assert "shop:review-9" in crawling.ids()


def test_an_edited_review_stays_one_post_and_the_companys_answer_hangs_below(shop: Shop, crawling: Crawling) -> None:
    one = review(1)
    del one["@id"]
    shop.reviews = [one]
    crawling(source(shop.site))
    one["reviewBody"] = "They sent a new one."
    one["comment"] = {"@type": "Comment", "text": "We are sorry.", "author": {"@type": "Organization", "name": "Pumps"}}
    second = crawling(source(shop.site))["shop"]
    assert (second.new, second.changed) == (1, 1)
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id IS NOT NULL AND text = 'We are sorry.'") == 1


def test_reviews_that_are_counted_and_not_shown_are_a_gap(shop: Shop, crawling: Crawling) -> None:
    shop.reviews = [review(1), review(2, age=400)]
    shop.counted_more = 5
    covered = crawling(source(shop.site))["shop"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 5


def test_a_budget_that_runs_out_goes_on_where_it_stopped(shop: Shop, crawling: Crawling) -> None:
    shop.reviews = [review(number) for number in range(1, 16)]
    assert crawling(source(shop.site, budget=3))["shop"].status == "partial"
    statuses = [crawling(source(shop.site, budget=4))["shop"].status for _ in range(4)]
    assert statuses[-1] == "ok"
    assert len(crawling.ids()) == 15


def test_a_page_without_reviews_and_a_site_that_forbids_it_are_named(site: Site, crawling: Crawling) -> None:
    site.routes["/about"] = Answer("<html><body><p>Welcome to our works.</p></body></html>")
    assert "no reviews with schema.org markup" in str(crawling(source(site, "/about"))["shop"].detail)
    site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /pump\n", content_type="text/plain")
    assert crawling(source(site))["shop"].status == "refused"
    amazon = crawling(SourcePlan("shop", "reviews", "https://www.amazon.co.uk/dp/1"))["shop"]
    assert (amazon.status, amazon.requests) == ("refused", 0)
    assert "import an export" in str(amazon.detail)


def test_sites_whose_terms_forbid_it_are_known_in_every_country() -> None:
    for url in ("https://g2.com/x", "https://www.g2.com/x", "https://amazon.de/x", "https://www.trustpilot.fr/",
                "https://www.yelp.co.uk/biz", "https://AMAZON.com.br"):  # fmt: skip
        assert is_forbidden(url), url
    for url in ("https://shop.example.test/amazon", "https://amazon.example.test/", "https://g2.test/", "https://x.co"):
        assert not is_forbidden(url), url


def test_microdata_with_nested_things_is_read_as_json_ld_is() -> None:
    markup = """<html lang=en><body><div itemscope itemtype="https://schema.org/LocalBusiness">
    <h1 itemprop="name">Works</h1>
    <div itemprop="aggregateRating" itemscope itemtype="https://schema.org/AggregateRating">
    <span itemprop="ratingValue">4.1</span> of <span itemprop="ratingCount">90</span>,
    <b itemprop="reviewCount">1,204</b></div>
    <div itemprop="review" itemscope itemtype="https://schema.org/Review" id="rev-77">
    <meta itemprop="datePublished" content="2026-11-02"><span itemprop="author">Bob</span>
    <div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">
    <meta itemprop="worstRating" content="0">
    <span itemprop="ratingValue">3</span>/<span itemprop="bestRating">10</span></div>
    <h3 itemprop="name">Never again</h3><p itemprop="reviewBody">Nobody <b>answers</b>.</p></div>
    <div itemprop="review" itemscope itemtype="https://schema.org/Review"><meta itemprop="reviewRating" content="1">
    <span itemprop="author">Eve</span></div></div></body></html>"""
    found = read_reviews(read_page(markup, "https://x.test/works"), "/works", "https://x.test/works")
    assert (found.subject, found.count) == ("Works", 1204)
    first, second = found.posts
    assert (first.native_id, first.author) == ("rev-77", "Bob")
    assert first.text == "[3 of 10] Never again\n\nNobody answers."
    assert first.created_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert (second.text, second.author) == ("[1 of 5]", "Eve")


def test_ids_that_many_reviews_share_name_none_of_them() -> None:
    rows = [review(number, **{"@id": "https://x.test/pump", "url": "https://x.test/pump"}) for number in range(1, 4)]
    found = read_reviews(read_page(product(rows, 3), "https://x.test/pump"), "/pump", "https://x.test/pump")
    assert len(set(found.reviews)) == 3

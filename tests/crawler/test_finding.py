"""Which kinds a site offers, from answers we wrote in the shape of the real ones."""

from __future__ import annotations

import json
import time
import tomllib

import pytest

from crawler.finding import MOST_QUESTIONS, more_questions, proposals, questions
from crawler.finding_answers import Answer
from tocsin.config_sections import Source
from tocsin.known_places import place_of
from tocsin.place_guesses import guess
from tocsin.proposals import Proposal, to_toml, with_distinct_names
from tocsin.source_kinds import KINDS

SITE = "https://talk.example/"
RSS = "<?xml version='1.0'?><rss version='2.0'><channel><title>News &amp; more</title></channel></rss>"


def page(html: str, url: str = SITE, **headers: str) -> Answer:
    return Answer(url, url, 200, f"<html><head></head><body>{html}</body></html>", headers)


def said(path: str, value: object, status: int = 200) -> Answer:
    text = value if isinstance(value, str) else json.dumps(value)
    return Answer(f"{SITE}{path}", f"{SITE}{path}", status, text)


def as_source(proposal: Proposal) -> Source:
    """Read the proposed block as the configuration would."""
    (block,) = tomllib.loads(proposal.config)["sources"]
    return Source.model_validate(block)


@pytest.mark.parametrize(
    ("kind", "html", "path", "answer"),
    [
        ("discourse", '<meta name="generator" content="Discourse 3.5">', "latest.json", {"topic_list": {}}),
        ("nodebb", '<body class="page-home nodebb">', "api/recent", {"topics": []}),
        (
            "flarum",
            '<script id="flarum-json-payload">{}</script>',
            "api/discussions?page%5Blimit%5D=1",
            {"data": [{"type": "discussions", "id": "1"}]},
        ),
        ("lemmy", "<script>window.isoData = {}</script>", "api/v3/site", {"site_view": {}}),
        ("mastodon", "<div id='mastodon'></div>", "api/v1/instance", {"uri": "talk.example", "version": "4.4"}),
    ],
)
def test_an_engine_is_proposed_once_its_api_has_answered(kind: str, html: str, path: str, answer: object) -> None:
    front = page(html)
    assert f"{SITE}{path}" in questions(front)
    best = proposals(SITE, [front, said(path, answer)])[0]
    assert (best.kind, best.sure, best.keys["url"]) == (kind, True, SITE)
    assert as_source(best).kind == kind
    unproven = proposals(SITE, [front, said(path, "<html>log in</html>", 403)])
    assert kind not in [found.kind for found in unproven]


def test_an_engine_in_a_folder_is_asked_and_proposed_there() -> None:
    front = page(
        '<meta name="generator" content="Discourse 3"><div data-base-uri="/forum"></div>', f"{SITE}forum/t/x/1"
    )
    assert f"{SITE}forum/latest.json" in questions(front)
    best = proposals(SITE, [front, said("forum/latest.json", {"topic_list": {}})])[0]
    assert best.keys == {"url": f"{SITE}forum/"}


def test_a_wordpress_that_names_its_api_in_a_header_is_proposed_at_its_front_page() -> None:
    front = page("<p>Hello", f"{SITE}blog/a-post/", link=f'<{SITE}blog/wp-json/>; rel="https://api.w.org/"')
    assert questions(front)[0] == f"{SITE}blog/wp-json/"
    best = proposals(SITE, [front, said("blog/wp-json/", {"namespaces": ["wp/v2"]})])[0]
    assert (best.kind, best.keys) == ("wordpress", {"url": f"{SITE}blog/"})


def test_feeds_are_found_by_their_links_and_an_oembed_link_is_none() -> None:
    front = page(
        '<link rel="alternate" type="application/rss+xml" href="/feed/" title="News">'
        '<link rel="alternate" type="application/feed+json" href="https://talk.example/feed.json">'
        '<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">'
    )
    asked = questions(front)
    assert f"{SITE}feed/" in asked
    assert f"{SITE}feed.json" in asked
    assert not [address for address in asked if "oembed" in address]
    json_feed = {"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": []}
    found = proposals(SITE, [front, said("feed/", RSS), said("feed.json", json_feed), said("sitemap.xml", "x", 404)])
    assert [(one.kind, one.keys["url"]) for one in found] == [
        ("feed", f"{SITE}feed/"),
        ("feed", f"{SITE}feed.json"),
    ]
    assert found[0].why == "a feed (News & more)"
    assert len({one.name for one in found}) == 2


@pytest.mark.parametrize(
    ("engine", "html"),
    [
        ("XenForo", '<html id="XF" lang="en">'),
        ("phpBB", '<div id="phpbb" class="nojs">'),
        ("vBulletin", '<meta name="generator" content="vBulletin 5.7">'),
        ("Invision", '<body class="ipsApp" data-controller="core.front.core.app"><div class="ipsLayout_body">'),
        ("SMF", "<script>var smf_theme_url = '/Themes/default';</script>"),
        ("MyBB", "<script src='/jscripts/general.js?ver=1821'></script>"),
        ("bbPress", '<body class="forum bbpress">'),
        ("Vanilla", "<script>gdn.meta = {}</script>"),
        ("Khoros", '<div class="lia-page">'),
    ],
)
def test_a_forum_engine_is_named(engine: str, html: str) -> None:
    (found,) = proposals(SITE, [Answer(SITE, SITE, 200, f"<!DOCTYPE html>{html}<p>words")])
    assert (found.kind, found.sure, found.why) == ("forum", True, f"a forum made by {engine}")
    assert as_source(found).url == SITE


def test_a_list_of_threads_by_an_unknown_engine_is_a_guess() -> None:
    rows = "".join(f'<li><a href="/topic/{n}-a-title">A thread about pumps {n}</a></li>' for n in range(1, 8))
    (found,) = proposals(SITE, [page(f"<ul>{rows}</ul>")])
    assert (found.kind, found.sure) == ("forum", False)


def test_mailing_lists_isso_reviews_and_sitemaps_are_found() -> None:
    url = f"{SITE}archives/list/dev@talk.example/thread/ABC/"
    kitty = proposals(url, [page("<footer>HyperKitty version 1.3</footer>", url)])[0]
    assert (kitty.kind, kitty.keys["url"]) == ("hyperkitty", f"{SITE}archives/list/dev@talk.example/")
    index = page(
        'HyperKitty <a href="/archives/list/a@talk.example/">a</a> <a href="/archives/list/b@x.example/">b</a>'
    )
    assert [one.keys["url"] for one in proposals(SITE, [index])] == [
        f"{SITE}archives/list/a@talk.example/",
        f"{SITE}archives/list/b@x.example/",
    ]
    box = proposals(SITE, [page('<a href="/archive/2026-11.mbox.gz">November</a>')])[0]
    assert (box.kind, box.keys["url"]) == ("mbox", SITE)
    isso = proposals(SITE, [page('<script data-isso="//isso.talk.example/" src="/embed.js"></script>', f"{SITE}a/")])[0]
    assert (isso.kind, isso.keys) == ("isso", {"url": "https://isso.talk.example/", "pages": (SITE, f"{SITE}a/")})
    reviews = proposals(SITE, [page('<script type="application/ld+json">{"@type":"Review"}</script>')])[0]
    assert reviews.kind == "reviews"
    sitemap = proposals(SITE, [page("<p>x"), said("sitemap.xml", "<urlset><url/></urlset>")])[0]
    assert sitemap.kind == "sitemap"
    for found in (kitty, box, isso, reviews, sitemap):
        assert as_source(found).kind == found.kind


def test_an_api_goes_before_a_feed_and_a_guess_comes_last() -> None:
    rows = "".join(f'<li><a href="/t/a-long-title/{n}">A long title {n}</a></li>' for n in range(1, 8))
    front = page(
        f'<meta name="generator" content="Discourse"><ul>{rows}</ul>'
        '<link rel="alternate" type="application/rss+xml" href="/latest.rss">'
    )
    found = proposals(SITE, [front, said("latest.rss", RSS), said("latest.json", {"topic_list": {}})])
    assert [one.kind for one in found] == ["discourse", "feed", "forum"]


def test_questions_are_a_handful_and_stay_on_the_site() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(40))
    marks = "discourse-application lemmy-ui <div id='mastodon'> flarum.core.app Powered by NodeBB"
    assert len(questions(page(f"{links}{marks}"))) == MOST_QUESTIONS
    foreign = said(".well-known/nodeinfo", {"links": [{"href": "http://10.0.0.1/nodeinfo"}]})
    assert more_questions(page("x"), [foreign]) == []


@pytest.mark.parametrize("text", ["", "\x00\x01", "{", "[" * 100_000, "<feed", "<html", '{"software": 5}', "null"])
def test_no_answer_breaks_the_detection(text: str) -> None:
    answers = [Answer(SITE, SITE, 200, text), *(said(path, text) for path in ("latest.json", "feed/", "sitemap.xml"))]
    questions(answers[0])
    more_questions(answers[0], answers[1:])
    assert all(found.kind in KINDS for found in proposals(SITE, answers))


@pytest.mark.parametrize(
    ("url", "key", "kind"),
    [
        ("https://news.ycombinator.com/item?id=1", "news.ycombinator.com", "hackernews"),
        ("https://dba.stackexchange.com/questions/1/x", "dba.stackexchange.com", "stackexchange"),
        ("https://stackoverflow.com/q/1", "stackoverflow.com", "stackexchange"),
        ("https://github.com/Acme/Pump.git", "github.com/acme/pump", "github"),
        ("https://www.youtube.com/@Acme/videos", "youtube.com/@acme", "youtube"),
        ("https://youtu.be/abc123", "youtube.com", "youtube"),
        ("https://old.reddit.com/r/SysAdmin/comments/1/x/", "reddit.com/r/sysadmin", "reddit"),
        ("https://bsky.app/profile/acme.example/post/3k", "bsky.app/profile/acme.example", "bluesky"),
        ("https://twitter.com/Acme/status/1", "x.com/acme", "x"),
        ("https://de.linkedin.com/company/acme/", "linkedin.com/company/acme", "linkedin"),
        ("https://www.facebook.com/acme", "facebook.com/acme", "facebook"),
        ("https://instagram.com/acme/", "instagram.com/acme", "instagram"),
        ("https://medium.com/@jo/a-post", "medium.com/@jo", "feed"),
    ],
)
def test_well_known_hosts_map_to_their_kind_and_the_block_is_valid(url: str, key: str, kind: str) -> None:
    place = place_of(url)
    assert place is not None
    assert place.proposal is not None
    assert (place.key, place.proposal.kind) == (key, kind)
    source = as_source(place.proposal)
    assert source.enabled
    for secret in KINDS[source.kind].locked:
        assert f"TOCSIN_{kind.upper()}__{secret.upper()}" in place.proposal.secrets
    assert proposals(url, []) == [place.proposal]


@pytest.mark.parametrize(
    "url",
    [
        "https://plus.google.com/1",
        "https://www.myspace.com/x",
        "https://acme.slack.com/",
        "https://www.g2.com/p",
        "https://www.amazon.co.uk/dp/1",
        "https://amazon.com/dp/1",
    ],
)
def test_places_that_are_gone_or_closed_say_why(url: str) -> None:
    place = place_of(url)
    assert place is not None
    assert place.closed
    assert proposals(url, []) == []


@pytest.mark.parametrize("url", ["", "mailto:a@b.example", "http://", "http://[::1", "http://a:99999999/", "x"])
def test_what_is_no_web_address_has_no_place(url: str) -> None:
    assert place_of(url) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://c.example/t/pump-noise/482/7", "discourse"),
        ("https://c.example/topic/12/pumps", "nodebb"),
        ("https://c.example/d/12-pumps", "flarum"),
        ("https://c.example/c/pumps", "lemmy"),
        ("https://c.example/@jo/114000000000000001", "mastodon"),
        ("https://c.example/board/viewtopic.php?t=3", "forum"),
        ("https://c.example/2026/11/pumps-fail/", "wordpress"),
        ("https://c.example/feed/", "feed"),
    ],
)
def test_addresses_alone_allow_a_guess_that_is_called_one(address: str, kind: str) -> None:
    found = guess([address])
    assert found is not None
    assert (found.kind, found.sure, as_source(found).kind) == (kind, False, kind)
    assert guess(["https://c.example/about"]) is None


def test_a_block_cannot_be_broken_out_of() -> None:
    nasty = Proposal("forum", "x", {"url": 'https://a.example/"\n[[sources]]\x7f'}, "why", note='a\n[mail]\nfrom = "x"')
    (block,) = tomllib.loads(to_toml(nasty))["sources"]
    assert block["url"] == nasty.keys["url"]
    twice = with_distinct_names([nasty, nasty, nasty])
    assert len({proposal.name for proposal in twice}) == 3


@pytest.mark.parametrize(
    "flood",
    ['"@type":' + " " * 390_000, "Powered by <a " * 27_000, '<html class="' * 27_000, "<div class='x'>" * 9_000],
    ids=["spaces", "anchors", "attributes", "nesting"],
)
def test_a_hostile_page_is_looked_at_in_seconds(flood: str) -> None:
    began = time.process_time()
    answers = [Answer(SITE, SITE, 200, flood)]
    questions(answers[0])
    proposals(SITE, answers)
    assert time.process_time() - began < 5

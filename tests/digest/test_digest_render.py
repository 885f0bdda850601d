"""HTML and plain text: valid, escaped, self-contained, and complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.digest.content import compose
from tocsin.digest.errors import RenderError
from tocsin.digest.facts import EvidencePost, Facts, Moment, Occasion
from tocsin.digest.render import TEXT_WIDTH, Rendered, render
from tocsin.store.records import Episode, Gap

Make = Callable[..., Facts]

OUR_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td"),
    *("p", "h1", "h2", "strong", "span", "br", "wbr", "a"),
}
VOID = {"meta", "br", "wbr"}
NASTY = "</td></table><script>alert(1)</script><img src=x onerror=y> {{ 7*7 }} {% raw %} & \" ' &lt;b&gt;"


class Page(HTMLParser):
    """Collects tags, attributes and text, and notices what is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def whole(make_facts: Make, episode: Episode, post: EvidencePost, talk: tuple[Moment, ...], **changes: object) -> Facts:
    return make_facts(
        **{"episodes": (episode,), "evidence": {episode.id: (post,)}, "talk": {episode.id: talk}} | changes
    )


def assert_safe(rendered: Rendered) -> None:
    page = Page(rendered.html)
    assert page.open == []
    assert page.tags <= OUR_TAGS
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "background", "srcset")
        if name == "href":
            assert tag == "a"
            assert value.startswith(("https://", "http://"))
        if name == "style":
            assert not re.search(r"url\(|expression|var\(|flex|grid|gradient", value)
    assert "\n" not in rendered.subject
    rendered.html.encode()
    for line in rendered.text.splitlines():
        assert len(line) <= TEXT_WIDTH or "://" in line


ANY = st.text(st.characters(), max_size=120) | st.just(NASTY)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(ANY, min_size=7, max_size=7), url=ANY | st.just('https://a.example/"><script>'))
def test_any_text_in_any_field_renders_escaped(
    words: list[str],
    url: str,
    make_facts: Make,
    backlash: Episode,
    post: EvidencePost,
    talk: tuple[Moment, ...],
    templates: Path,
) -> None:
    text, author, source, title, reason, brand, trouble = words
    stranger = replace(post, text=text, author=author, source=source, title=title, reason=reason, url=url)
    episode = replace(backlash, brand=brand, sources=(source,), voices=replace(backlash.voices, campaign=reason))
    facts = whole(
        make_facts,
        episode,
        stranger,
        talk,
        brands=((brand, "own"),),
        occasion=Occasion(troubles=(trouble,), learning=(source,)),
        gaps=(Gap(source, None, backlash.at, None, reason),),
    )
    assert_safe(render(compose(facts), templates))


def test_markup_in_a_post_is_shown_as_it_was_written(
    make_facts: Make, backlash: Episode, post: EvidencePost, talk: tuple[Moment, ...], templates: Path
) -> None:
    rendered = render(compose(whole(make_facts, backlash, replace(post, text=NASTY), talk)), templates)
    assert_safe(rendered)
    assert "<script>alert(1)</script><img src=x onerror=y> {{ 7*7 }}" in Page(rendered.html).text
    assert "<script>" in rendered.text


def test_html_and_plain_text_are_equally_complete(
    make_facts: Make,
    backlash: Episode,
    attention: Episode,
    post: EvidencePost,
    talk: tuple[Moment, ...],
    templates: Path,
) -> None:
    facts = whole(make_facts, backlash, post, talk, episodes=(backlash, attention), history_days={"Acme": 3.0})
    content = compose(facts)
    rendered = render(content, templates)
    page, plain = Page(rendered.html).text, " ".join(rendered.text.replace("\n  >", "\n").split())
    wanted = [
        content.verdict,
        content.backlash[0].level,
        content.backlash[0].voices,
        content.backlash[0].since,
        content.backlash[0].quotes[0].text,
        str(content.attention[0].campaign),
        content.hearing.summary,
        content.cold_start[0],
        content.model,
        "tocsin serve",
        *(reason.found for reason in content.backlash[0].reasons),
        *(reason.usual for reason in content.backlash[0].reasons),
    ]
    assert content.backlash[0].timeline is not None
    wanted.append(content.backlash[0].timeline.summary)
    for words in wanted:
        assert words in page
        assert words in plain
    assert "https://forum.example/t/1#post-1" in rendered.text
    assert 'href="https://forum.example/t/1#post-1"' in rendered.html


def test_styles_are_inlined_and_only_the_media_rules_stay(
    make_facts: Make, backlash: Episode, post: EvidencePost, talk: tuple[Moment, ...], templates: Path
) -> None:
    page = render(compose(whole(make_facts, backlash, post, talk)), templates).html
    styles = re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)
    assert all(style.strip().startswith("@media") for style in styles)
    assert "prefers-color-scheme: dark" in "".join(styles)
    assert '<meta name="color-scheme" content="light dark">' in page
    assert re.search(r'<h1[^>]*style="[^"]*font-size: 24px', page)


def test_the_time_line_is_made_of_table_cells(
    make_facts: Make, backlash: Episode, post: EvidencePost, talk: tuple[Moment, ...], templates: Path
) -> None:
    content = compose(whole(make_facts, backlash, post, talk))
    timeline = content.backlash[0].timeline
    assert timeline is not None
    page = render(content, templates).html
    assert len(re.findall(r'<td class="slot"', page)) == len(timeline.bars)
    tallest = max(bar.negative_height + bar.other_height for bar in timeline.bars)
    assert 50 <= tallest <= 60


def test_a_quiet_digest_is_short(make_facts: Make, templates: Path) -> None:
    rendered = render(compose(make_facts()), templates)
    assert_safe(rendered)
    assert len(rendered.text.splitlines()) < 30
    assert len(rendered.html) < 12_000


def test_a_whole_digest_stays_under_the_size_where_gmail_clips(
    make_facts: Make, backlash: Episode, post: EvidencePost, talk: tuple[Moment, ...], templates: Path
) -> None:
    long = replace(post, text="word " * 300)
    episodes = tuple(replace(backlash, id=f"ep-{number}") for number in range(3))
    facts = make_facts(
        episodes=episodes,
        evidence={episode.id: (long,) * 8 for episode in episodes},
        talk={episode.id: talk for episode in episodes},
    )
    assert len(render(compose(facts), templates).html.encode()) < 102_000


def test_a_missing_template_says_what_to_do(make_facts: Make, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="install Tocsin again"):
        render(compose(make_facts()), tmp_path)

"""Threads of our own in the page shapes of engines that no selector knows (tests/files/shapes)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))

from forum_shapes import SHAPES, compare_shapes, render_shape, talk

from crawler.extract import extract_page

NAMES = sorted(file.name.removesuffix(".html.j2") for file in SHAPES.glob("*.j2"))
HARD = {"late_relative_tree", "newsboard", "question2answer", "journal", "kunena"}
"""Where some size of thread is still read wrong; docs/extraction.md says how."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in HARD])
def test_an_engine_never_seen_gives_each_post_with_author_moment_and_parent(name: str) -> None:
    figures = compare_shapes([name], sizes=(3, 6))
    assert figures["post_f1"] == 1.0, figures


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_hard_shape_still_gives_nearly_all_of_a_long_thread(name: str) -> None:
    assert compare_shapes([name], sizes=(14,))["words"] >= 0.7


def test_signatures_that_nothing_marks_are_no_part_of_a_post() -> None:
    said = talk(14, 14)
    html, _ = render_shape("snitz", said)
    posts = extract_page(html, "https://drives.example/topic.asp?id=5", engines=()).posts
    signed = {one.author for one in said if one.sig and sum(other.author == one.author for other in said) > 1}
    assert len(signed) >= 2
    for one, post in zip(said, posts, strict=True):
        if one.author in signed:
            assert not post.text.endswith(one.sig)


def test_quotes_without_names_are_known_by_their_words() -> None:
    said = talk(6, 3)
    quoting = next(one for one in said if one.quote)
    html, _ = render_shape("proboards", said)
    html = html.replace('class="quote_body" style="quote"', 'class="xq"').replace("said:", "")
    html = html.replace('<div class="quote">', "<blockquote>").replace(
        "</div></div>" + quoting.paras[0], "</blockquote></div>" + quoting.paras[0]
    )
    posts = extract_page(html, "https://shop.example/thread/5", engines=()).posts
    assert posts[said.index(quoting)].text.startswith(quoting.paras[0][:40])

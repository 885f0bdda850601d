from __future__ import annotations

import pytest

from crawler.stackexchange_rows import comment_of, question_of, seconds_in, site_of


def test_rows_are_read_as_a_reader_sees_them() -> None:
    row = {"question_id": 5, "title": "A &lt;b&gt; &amp; c", "body": "<p>One</p><p>Two &amp; a half</p>"}
    found = question_of("pumps", row)
    assert (found.title, found.text, found.likes, found.author) == ("A <b> & c", "One\n\nTwo & a half", None, None)
    below = comment_of("pumps", {"comment_id": 6, "post_id": 9, "body": "No", "score": 3}, 5)
    assert (below.thread, below.native_id, below.parent, below.likes) == ("pumps/5", "pumps/c6", "pumps/9", 3)
    assert (seconds_in("more requests available in 43210 seconds"), seconds_in(None)) == (43_210, None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("superuser", "superuser"),
        ("https://superuser.com/questions", "superuser"),
        ("Electronics.StackExchange.com", "electronics"),
        ("mathoverflow.net", "mathoverflow.net"),
        ("ru.stackoverflow.com", "ru.stackoverflow"),
    ],
)
def test_sites_may_be_given_by_name_or_address(given: str, named: str) -> None:
    assert site_of(given) == named

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conftest import Answer, Asked, Crawling, Site

from crawler.memory import Memory
from crawler.plan import SourcePlan
from crawler.revisits import Look

NOW = datetime.now(UTC).replace(microsecond=0)
WORDS = "The seal of our pump gave up after two weeks of night shift and the spare part did not fit either."


def post(number: int, moment: datetime, likes: int) -> str:
    return (
        f'<article class="post" id="post-{number}" itemprop="comment" itemscope itemtype="https://schema.org/Comment">'
        f'<a class="username" href="/members/r{number}/" itemprop="author">reader{number}</a>'
        f'<time itemprop="datePublished" datetime="{moment.isoformat()}">then</time>'
        f'<meta itemprop="upvoteCount" content="{likes}"><div itemprop="text">{WORDS} {number}.</div></article>'
    )


class Board:
    """A board whose list shows neither replies nor dates; thread n began `ages[n]` days ago."""

    def __init__(self, site: Site, ages: dict[int, float]) -> None:
        self.site, self.ages, self.likes = site, ages, 1
        self.replies = dict.fromkeys(ages, 2)
        site.routes["/robots.txt"] = Answer("")
        site.fallback = self.serve

    def serve(self, asked: Asked) -> Answer:
        if asked.path == "/board":
            links = "".join(f"<li><a href='/threads/{n}'>How the valve of batch {n} broke</a></li>" for n in self.ages)
            return Answer(f"<html lang='en'><body><h1>Board</h1><ul>{links}</ul></body></html>")
        number = int(asked.path.rpartition("/")[2])
        began = NOW - timedelta(days=self.ages[number])
        body = "".join(
            post(number * 100 + place, began + timedelta(minutes=place), self.likes)
            for place in range(self.replies[number] + 1)
        )
        kind = "https://schema.org/DiscussionForumPosting"
        return Answer(
            f"<html lang='en'><body><h1>Batch {number}</h1><div itemscope itemtype='{kind}'>{body}</div></body></html>"
        )

    def source(self) -> SourcePlan:
        return SourcePlan("f", "forum", f"{self.site.url}/board", allow_private=True)

    def threads_asked(self) -> list[str]:
        return sorted({path for path in self.site.paths() if path.startswith("/threads/")})


def looks_back(crawling: Crawling, days: float) -> None:
    """Make the memory believe that every thread was last read `days` earlier than it was."""
    memory = Memory(crawling.cache)
    for key, mark in memory.keys("f", "look ").items():
        look = Look.from_mark(mark)
        back = timedelta(days=days)
        memory.remember("f", [(f"look {key}", Look(look.read - back, look.newest - back, look.grew).to_mark())])
    memory.close()


def test_only_threads_whose_time_has_come_are_read_again(site: Site, crawling: Crawling) -> None:
    board = Board(site, {1: 1, 2: 10, 3: 50})
    assert crawling(board.source())["f"].new == 9
    site.asked.clear()
    crawling(board.source())
    assert board.threads_asked() == ["/threads/1"], "a young thread in every run, one of ten days rests"
    looks_back(crawling, 3)
    site.asked.clear()
    board.replies[2] += 1
    covered = crawling(board.source())["f"]
    assert board.threads_asked() == ["/threads/1", "/threads/2"], "the one of fifty days lies still"
    assert covered.new == 1


def test_figures_of_a_young_thread_become_a_series(site: Site, crawling: Crawling) -> None:
    board = Board(site, {1: 1})
    for likes in (1, 4, 4, 9):
        board.likes = likes
        crawling(board.source())
    with crawling.open() as store:
        rows = store.rows("SELECT likes FROM engagement WHERE post_id = 'f:/threads/1#101' ORDER BY observed_at")
    assert [row["likes"] for row in rows] == [1, 4, 9]

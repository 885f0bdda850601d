"""A board on loopback for benchmarks/crawl.py: a listing, and thread pages of 60 KB with 20 posts each.

    .venv/bin/python benchmarks/crawl_board.py THREADS FIRST

Prints its port, then serves until its input ends. The pages are made before the first request, and the
server is a process of its own, so that its work is in nobody's figure. Words are drawn from a fixed
list with a fixed seed: the same pages every time, and none of them somebody's.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta

POSTS = 20
PER_LISTING = 50
WORDS = " ".join(
    (
        "valve gasket pump pressure seal the a of and to in was is it that for with on not we our they them plant",
        "night shift supplier order delivery week month warranty replaced broken leak again steel batch number",
        "drawing spare engineer service line stopped answer phone call nobody invoice price quality better worse",
        "never always today yesterday customer factory machine bearing motor sensor cable software update manual",
        "torque bolt thread",
    )
).split()


def page_of(number: int, now: datetime) -> bytes:
    """Return the page of thread `number`: 20 posts under schema.org microdata, as most forum engines send them."""
    dice = random.Random(number)
    title = f"How the valve of batch {number} broke"
    began = now - timedelta(days=5, minutes=number)
    posts = "".join(_post(number * 100 + place, began + timedelta(minutes=place), dice) for place in range(POSTS))
    head = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | Valve Board</title></head><body>'
        f'<header><a href="/">Valve Board</a>{_menu()}</header><main><h1>{title}</h1>'
        '<div itemscope itemtype="https://schema.org/DiscussionForumPosting">'
        f'<meta itemprop="headline" content="{title}"><meta itemprop="url" content="/threads/{number}">'
    )
    body = f"{head}{posts}</div></main><footer>{_menu()}</footer></body></html>"
    return body.encode()


def _menu() -> str:
    return "<ul>" + "".join(f'<li class="nav"><a href="/c/{n}">Section {n}</a></li>' for n in range(20)) + "</ul>"


def _post(number: int, moment: datetime, dice: random.Random) -> str:
    paragraphs = "".join(f"<p>{' '.join(dice.choices(WORDS, k=67))} {number}.</p>" for _ in range(4))
    name, when = f"reader{dice.randrange(5_000)}", moment.isoformat(timespec="seconds")
    return (
        f'<article class="message message--post" id="post-{number}" data-content="post-{number}" itemprop="comment" '
        f'itemscope itemtype="https://schema.org/Comment"><div class="message-user"><h4 class="message-name">'
        f'<a href="/members/{name}/" class="username" itemprop="author" itemscope itemtype="https://schema.org/Person">'
        f'<span itemprop="name">{name}</span></a></h4><h5 class="userTitle">Member</h5><dl class="pairs"><dt>Messages'
        f"</dt><dd>{dice.randrange(9_000)}</dd></dl></div><div class='message-main'><ul class='message-attribution'>"
        f'<li><a href="/posts/{number}/" rel="nofollow" itemprop="url"><time class="u-dt" datetime="{when}" '
        f'itemprop="datePublished">{moment:%b %d, %Y}</time></a></li><li><a href="/posts/{number}/">#{number}</a></li>'
        f'</ul><div class="message-content"><div class="bbWrapper" itemprop="text">{paragraphs}</div></div>'
        '<footer class="message-footer"><div class="actionBar"><a href="/login" class="actionBar-action">Like</a>'
        '<a href="/login" class="actionBar-action">Reply</a></div></footer></div></article>'
    )


def listing_of(numbers: range, page: int, now: datetime) -> bytes:
    """Return one page of the list of threads, newest activity first."""
    shown = numbers[(page - 1) * PER_LISTING : page * PER_LISTING]
    rows = "".join(
        f"<li class='topic'><h3><a href='/threads/{number}'>How the valve of batch {number} broke</a></h3>"
        f"<span class='replies'>{POSTS - 1} replies</span> "
        f"<time datetime='{(now - timedelta(days=5, minutes=number)).isoformat()}'>then</time></li>"
        for number in shown
    )
    more = f"<a rel='next' href='/board?page={page + 1}'>Next</a>" if page * PER_LISTING < len(numbers) else ""
    return f"<html lang='en'><head><title>Board</title></head><body><ul>{rows}</ul>{more}</body></html>".encode()


class Board(asyncio.Protocol):
    """Answers GET with a stored page, or with 304 when the asker holds it already (RFC 9110, 13)."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self._pages, self._buffer = pages, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # TCP gives no other

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            asked, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            path = asked.split(b" ", 2)[1].decode()
            body = self._pages.get(path)
            if body is None:
                self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif b"if-none-match" in asked.lower():
                self._transport.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
            else:
                head = f'Content-Type: text/html; charset=utf-8\r\nETag: "1"\r\nContent-Length: {len(body)}\r\n\r\n'
                self._transport.write(b"HTTP/1.1 200 OK\r\n" + head.encode() + body)


async def serve(pages: dict[str, bytes]) -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Board(pages), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Make the pages of the threads FIRST to FIRST + THREADS - 1, then serve them."""
    threads, first = int(sys.argv[1]), int(sys.argv[2])
    now = datetime.now(UTC).replace(microsecond=0)
    numbers = range(first, first + threads)
    pages = {f"/threads/{number}": page_of(number, now) for number in numbers}
    for page in range(1, -(-threads // PER_LISTING) + 1):
        pages["/board" if page == 1 else f"/board?page={page}"] = listing_of(numbers, page, now)
    asyncio.run(serve(pages))


if __name__ == "__main__":
    main()

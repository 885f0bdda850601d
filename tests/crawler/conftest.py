"""A small web on loopback, and a crawl of it through the real child process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.plan import CrawlPlan, SourcePlan
from tocsin.store.database import Store, open_store
from tocsin.store.records import Coverage
from tocsin.store.runs import coverage_of, start_run
from tocsin.store.sources import ensure_sources


@dataclass
class Answer:
    """What the fake site says."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    stream: Callable[[], Iterator[bytes]] | None = None
    """Instead of a body: blocks that are sent one by one, `length` of them declared (None: the connection's end)."""
    length: int | None = None


@dataclass(frozen=True)
class Asked:
    """One request the fake site saw."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    at: float
    status: int
    body: bytes | None = None


Route = Callable[[Asked], Answer]


class Site:
    """Pages by path; what is not there is a 404. Remembers every request."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.routes: dict[str, Route | Answer] = {}
        self.fallback: Route | None = None
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                site.answer(self, self.rfile.read(length))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://{address}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, body_sent: bytes | None = None) -> None:
        parts = urlsplit(handler.path)
        asked = Asked(parts.path, parse_qs(parts.query), dict(handler.headers), time.monotonic(), 0, body_sent)
        route = self.routes.get(parts.path) or self.fallback or Answer(status=404)
        answer = route(asked) if callable(route) else route
        if "ETag" in answer.headers and asked.headers.get("If-None-Match") == answer.headers["ETag"]:
            answer = Answer(status=304, headers=answer.headers)
        self.asked.append(Asked(asked.path, asked.query, asked.headers, asked.at, answer.status, body_sent))
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        try:
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Type", answer.content_type)
            if answer.stream is not None:
                self._send(handler, answer.stream(), answer.length)
                return
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def _send(self, handler: BaseHTTPRequestHandler, blocks: Iterator[bytes], length: int | None) -> None:
        if length is not None:
            handler.send_header("Content-Length", str(length))
        handler.send_header("Connection", "close")
        handler.close_connection = True
        handler.end_headers()
        for block in blocks:
            handler.wfile.write(block)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def feed_of(entries: list[dict[str, Any]], *, title: str = "Feed", kind: str = "application/rss+xml") -> Answer:
    """Return an RSS feed; entries have id, title, text, link, date and optionally comments, count, author."""
    items = []
    for entry in entries:
        extra = ""
        if "comments" in entry:
            extra += f"<wfw:commentRss>{entry['comments']}</wfw:commentRss>"
        if "count" in entry:
            extra += f"<slash:comments>{entry['count']}</slash:comments>"
        if "author" in entry:
            extra += f"<dc:creator>{entry['author']}</dc:creator>"
        date = (
            f"<pubDate>{entry['date'].strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate>" if entry.get("date") else ""
        )
        items.append(
            f"<item><guid isPermaLink='false'>{entry['id']}</guid><title>{entry.get('title', 'T')}</title>"
            f"<link>{entry.get('link', 'http://example.test/' + str(entry['id']))}</link>{date}{extra}"
            f"<description>{entry.get('text', 'words')}</description></item>"
        )
    spaces = (
        "xmlns:wfw='http://wellformedweb.org/CommentAPI/' xmlns:slash='http://purl.org/rss/1.0/modules/slash/' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    )
    body = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' {spaces}><channel><title>{title}</title>"
    return Answer(f"{body}{''.join(items)}</channel></rss>", content_type=kind)


def json_answer(value: object, **headers: str) -> Answer:
    return Answer(json.dumps(value), headers=headers, content_type="application/json")


NURSERY = """
import json, os, sys, traceback
from crawler import addresses, child
from crawler.spiders import feed, forum, wordpress  # the children need not import them, nor the tests wait for it
from crawler.plan import from_json
for line in sys.stdin:
    public, plan, secrets, patch = json.loads(line)
    pid = os.fork()
    if not pid:
        try:
            sys.stdout = open(os.devnull, "w")
            exec(patch)
            real = addresses.is_public
            addresses.is_public = lambda address: address in public or real(address)
            child.run(from_json(plan, None, secrets))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(pid, flush=True)
    _, status, used = os.wait4(pid, 0)
    print(status, used.ru_maxrss, flush=True)
"""


class Nursery:
    """Forks the crawling child from a process that has imported it once: a second saved for every crawl."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._child = 0
        self.peak_kib = 0

    def crawl(self, plan: CrawlPlan, public: Sequence[str] = ()) -> None:
        """Crawl; the addresses in `public` stand for the open internet, which tests do not have."""
        assert self.attempt(plan, public) == 0

    def attempt(self, plan: CrawlPlan, public: Sequence[str] = (), patch: str = "") -> int:
        """Crawl in a child that first executes `patch`; return its status as `os.wait` gives it (9: SIGKILL)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([public, plan.to_json(), plan.credentials(), patch]) + "\n")
        self._process.stdin.flush()
        self._child = int(self._process.stdout.readline())
        status, self.peak_kib = map(int, self._process.stdout.readline().split())
        return status

    def kill(self) -> None:
        """Kill the child under way, as a machine that loses power does: without a word."""
        os.kill(self._child, signal.SIGKILL)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Crawling:
    """Crawls sources into one store with small delays, as many times as a test likes."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self.path = folder / "tocsin.db"
        self.cache = folder / "cache"
        self.nursery = nursery

    def plan(self, *sources: SourcePlan, **changes: Any) -> CrawlPlan:
        with open_store(self.path) as store:
            run = start_run(store, "crawl", None, datetime.now(UTC))
        values: dict[str, Any] = {"delay": 0, "minutes": 0.5, "contact": "mailto:test@example.test", **changes}
        return CrawlPlan(str(self.path), run, sources, str(self.cache), **values)

    def __call__(self, *sources: SourcePlan, public: Sequence[str] = (), **changes: Any) -> dict[str, Coverage]:
        plan = self.plan(*sources, **changes)
        with self.open() as store:
            ensure_sources(store, [(source.name, source.kind, source.url) for source in sources], datetime.now(UTC))
        self.nursery.crawl(plan, public)
        with self.open() as store:
            return {found.source: found for found in coverage_of(store, plan.run_id)}

    def attempt(self, *sources: SourcePlan, patch: str = "", **changes: Any) -> tuple[int, dict[str, Coverage]]:
        """Crawl in a patched child that may be killed; return its status and the coverage it wrote."""
        plan = self.plan(*sources, **changes)
        with self.open() as store:
            ensure_sources(store, [(source.name, source.kind, source.url) for source in sources], datetime.now(UTC))
        status = self.nursery.attempt(plan, patch=patch)
        with self.open() as store:
            return status, {found.source: found for found in coverage_of(store, plan.run_id)}

    def open(self) -> Store:
        return open_store(self.path)

    def ids(self) -> list[str]:
        with self.open() as store:
            return [row["id"] for row in store.rows("SELECT id FROM posts ORDER BY id")]

    def number(self, sql: str, *values: object) -> int:
        with self.open() as store:
            return store.number(sql, values)


@pytest.fixture
def site() -> Iterator[Site]:
    fresh = Site()
    yield fresh
    fresh.close()


@pytest.fixture
def second_site() -> Iterator[Site]:
    """A site at another loopback address."""
    fresh = Site("127.0.0.2")
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    fresh = Nursery()
    yield fresh
    fresh.close()


@pytest.fixture
def crawling(tmp_path: Path, nursery: Nursery) -> Crawling:
    return Crawling(tmp_path, nursery)

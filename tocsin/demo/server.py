"""The sample community on loopback: real HTTP, so that the crawl is a real one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

from tocsin.demo.community import Community
from tocsin.demo.sites import Answer, Sites, http_date


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server; `base` is its address without a slash at the end."""

    base: str

    @property
    def forum(self) -> str:
        """The forum's list of threads."""
        return f"{self.base}/forum/"

    @property
    def feed(self) -> str:
        """The blog's feed."""
        return f"{self.base}/blog/feed.xml"

    @property
    def api(self) -> str:
        """The news site's API."""
        return f"{self.base}/news/api/v1"


@contextmanager
def serving(community: Community, pages: Path, port: int = 0) -> Iterator[Serving]:
    """Serve `community` on 127.0.0.1 until the block ends; port 0 is any free one. Raises OSError when it is taken."""

    class Handler(_Handler):
        sites: ClassVar[Sites]

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    base = f"http://127.0.0.1:{server.server_address[1]}"
    Handler.sites = Sites(community, base, pages)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield Serving(base)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleCommunity"
    timeout = 30
    sites: ClassVar[Sites]

    def do_GET(self) -> None:
        """Answer with the page, or with 304 when the guest has it already."""
        self._send(self.sites.answer(self.path), with_body=True)

    def do_HEAD(self) -> None:
        """Answer as GET does, without the body."""
        self._send(self.sites.answer(self.path), with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Keep quiet: the crawl reports what it asked for."""

    def _send(self, answer: Answer, *, with_body: bool) -> None:
        tag = f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
        unchanged = answer.status == 200 and self._has_it(tag, answer)
        self.send_response(304 if unchanged else answer.status)
        self.send_header("ETag", tag)
        if answer.changed_at is not None:
            self.send_header("Last-Modified", http_date(answer.changed_at))
        if not unchanged:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(answer.body)

    def _has_it(self, tag: str, answer: Answer) -> bool:
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tag in (one.strip().removeprefix("W/") for one in tags.split(","))
        since = self.headers.get("If-Modified-Since")
        if since is None or answer.changed_at is None:
            return False
        try:
            return answer.changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

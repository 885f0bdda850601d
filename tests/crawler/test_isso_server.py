"""A real Isso server: what the crawl kept is compared with its database."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Crawling

from crawler.plan import SourcePlan

pytestmark = [pytest.mark.server, pytest.mark.shared]


@dataclass(frozen=True)
class Isso:
    """A running server and the way into its database."""

    url: str
    database: Path

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            return [tuple(row) for row in connection.execute(statement).fetchall()]


@pytest.fixture(scope="module")
def isso(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Isso]:
    script = shared / "servers" / "isso" / "start.sh"
    if not script.exists():
        pytest.skip(f"needs {script}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = tmp_path_factory.mktemp("isso")
    environment = {**os.environ, "BASE": str(base), "ISSO_PORT": str(port)}
    up = subprocess.run(["bash", script, "up"], env=environment, capture_output=True, text=True, check=False)
    if up.returncode:
        pytest.skip(f"Isso could not be installed and started: {up.stderr[-200:]}")
    yield Isso(f"http://127.0.0.1:{port}", base / "isso.db")
    subprocess.run(["bash", script, "down"], env=environment, check=True, stdout=subprocess.DEVNULL)


def test_every_comment_with_its_parent_then_nothing_new_then_the_late_and_without_the_deleted(
    isso: Isso, crawling: Crawling
) -> None:
    source = SourcePlan("talk", "isso", isso.url, history_days=3_650, allow_private=True)
    wanted = {
        f"talk:{native}": (f"talk:{uri}", f"talk:{parent}" if parent else None, likes, dislikes)
        for native, uri, parent, likes, dislikes in isso.sql(
            "SELECT c.id, t.uri, c.parent, c.likes, c.dislikes FROM comments c JOIN threads t ON t.id = c.tid"
        )
    }
    first = crawling(source)["talk"]
    assert (first.status, first.new, first.dropped) == ("ok", 225, 0)
    with crawling.open() as store:
        held = {
            row["id"]: (row["thread_id"], row["parent_id"], row["likes"], row["dislikes"])
            for row in store.rows("SELECT p.*, e.likes, e.dislikes FROM posts p JOIN engagement e ON e.post_id = p.id")
        }
        scripts = store.number("SELECT count(*) FROM posts WHERE text LIKE '%<script>alert(1)</script>%'")
    assert held == wanted
    assert scripts > 0, "the words of a tag are words, as a reader sees them"

    second = crawling(source)["talk"]
    assert (second.status, second.new, second.changed) == ("ok", 0, 0)

    isso.sql("UPDATE comments SET mode = 2 WHERE id = 5")
    ((answered,),) = isso.sql("SELECT parent FROM comments WHERE parent IS NOT NULL LIMIT 1")
    isso.sql(f"UPDATE comments SET mode = 4, text = '' WHERE id = {answered}")
    third = crawling(source)["talk"]
    assert (third.status, third.new) == ("ok", 0)
    with crawling.open() as store:
        gone = {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")}
    assert gone == {"talk:5", f"talk:{answered}"}

    isso.sql("UPDATE comments SET mode = 1 WHERE id = 5")
    assert crawling(source)["talk"].status == "ok"
    assert crawling.number("SELECT count(*) FROM gone_posts") == 1, "approved again, so it is back"

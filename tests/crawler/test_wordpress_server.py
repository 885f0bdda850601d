"""Real WordPress on MariaDB: what the crawl kept is compared with the database itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Crawling

from crawler.plan import SourcePlan

pytestmark = [pytest.mark.server, pytest.mark.shared]
PUBLIC = "comment_approved = '1' AND comment_type = 'comment' AND p.post_password = '' AND p.post_status = 'publish'"


@dataclass(frozen=True)
class WordPress:
    """A running site and the way into its database."""

    url: str
    database: Path

    def sql(self, statement: str) -> list[list[str]]:
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.database}", "-uroot", "-N", "-B", "wp", "-e", statement],
            capture_output=True,
            text=True,
            check=True,
        )
        return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def wordpress(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    script = shared / "servers" / "wordpress" / "start.sh"
    absent = [name for name in ("mariadbd", "mariadb", "php") if shutil.which(name) is None]
    if absent or not script.exists() or not Path("/usr/share/wordpress").is_dir():
        pytest.skip(f"needs the Debian packages wordpress, php-cli and mariadb-server, and {script} (absent: {absent})")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A socket's path may have at most 107 bytes, pytest's folders can be longer.
    base = tmp_path_factory.mktemp("wp")
    environment = {**os.environ, "BASE": str(base), "WP_PORT": str(port)}
    subprocess.run([script, "up"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield WordPress(f"http://127.0.0.1:{port}/", base / "db.sock")
    subprocess.run([script, "down"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(base, ignore_errors=True)


def test_every_public_comment_with_its_parent_then_nothing_new_then_the_late_approved_one(
    wordpress: WordPress, crawling: Crawling
) -> None:
    source = SourcePlan("wp", "wordpress", wordpress.url, history_days=3_650, allow_private=True)
    wanted = {
        f"wp:c{comment}": (f"wp:p{post}", f"wp:c{parent}" if parent != "0" else f"wp:p{post}")
        for comment, post, parent in wordpress.sql(
            "SELECT comment_ID, comment_post_ID, comment_parent FROM wp_comments c "
            f"JOIN wp_posts p ON p.ID = c.comment_post_ID WHERE {PUBLIC}"
        )
    }
    first = crawling(source)["wp"]
    assert (first.status, first.new, first.dropped) == ("ok", 354, 0)
    with crawling.open() as store:
        held = {row["id"]: row for row in store.rows("SELECT id, thread_id, parent_id, author_id, position FROM posts")}
        titles = {row["title"] for row in store.rows("SELECT title FROM threads")}
    assert {id_: (row["thread_id"], row["parent_id"]) for id_, row in held.items() if ":c" in id_} == wanted
    openings = wordpress.sql("SELECT ID FROM wp_posts WHERE post_status = 'publish' AND post_password = ''")
    assert {id_ for id_ in held if ":p" in id_} == {f"wp:p{number}" for (number,) in openings}
    assert all(held[id_]["position"] == 0 and held[id_]["author_id"] for id_ in held if ":p" in id_)
    assert not titles & {"Members only", "Draft nobody may see", ""}
    assert first.requests <= 12

    second = crawling(source)["wp"]
    assert (second.status, second.new, second.changed) == ("ok", 0, 0)

    ((late, _),) = wordpress.sql(
        "SELECT comment_ID, comment_date FROM wp_comments WHERE comment_approved = '0' LIMIT 1"
    )
    wordpress.sql(f"UPDATE wp_comments SET comment_approved = '1' WHERE comment_ID = {late}")
    third = crawling(source)["wp"]
    assert (third.status, third.new) == ("ok", 1)
    assert f"wp:c{late}" in crawling.ids()


def test_a_budget_of_four_requests_gets_there_in_several_runs(wordpress: WordPress, crawling: Crawling) -> None:
    source = SourcePlan("wp", "wordpress", wordpress.url, history_days=3_650, allow_private=True, budget=4)
    statuses = [crawling(source)["wp"].status]
    while statuses[-1] != "ok" and len(statuses) < 8:
        statuses.append(
            crawling(SourcePlan("wp", "wordpress", wordpress.url, None, 8, 3_650, allow_private=True))["wp"].status
        )
    assert statuses[0] == "partial"
    assert statuses[-1] == "ok"
    public = wordpress.sql(
        f"SELECT count(*) FROM wp_comments c JOIN wp_posts p ON p.ID = c.comment_post_ID WHERE {PUBLIC}"
    )
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id IS NOT NULL") == int(public[0][0])
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1

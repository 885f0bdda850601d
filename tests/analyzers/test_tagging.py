import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analyzers.tagging import tag_store
from tocsin.config import shipped
from tocsin.store.database import Store, open_store
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.posts import write_posts
from tocsin.store.records import Mention, Post, Thread
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import delete_tags

MODEL = shipped("data", "model")
ANGRY = "This is outrageous, the worst support I have ever seen."


def fill(store: Store, texts: list[str], now: datetime, *, mentioned: bool = True) -> None:
    ensure_sources(store, [("forum", "forum", "https://forum.test/")], now)
    ensure_brands(store, [("Acme", "own")])
    thread = Thread("forum:t1", "forum", "Acme", None, now - timedelta(days=1))
    posts = [
        Post(f"forum:{i}", "forum", thread, text, now - timedelta(minutes=len(texts) - i), author=f"a{i}")
        for i, text in enumerate(texts)
    ]
    write_posts(store, posts, now)
    if mentioned:
        write_mentions(store, [], [Mention("forum:0", "Acme", "Acme", "text")], "rules")


def test_posts_of_a_thread_that_mentions_a_brand_are_tagged_once(store: Store, now: datetime) -> None:
    fill(store, ["Acme again", ANGRY, "thanks, works fine now, great!", ANGRY.upper().lower()], now)
    first = tag_store(store, MODEL, now)
    again = tag_store(store, MODEL, now)
    assert (first.tagged, again.tagged) == (4, 0)
    assert first.by_sentiment["negative"] >= 1


def test_equal_text_goes_through_the_model_once_and_gets_equal_tags(store: Store, now: datetime) -> None:
    fill(store, [ANGRY] * 50 + ["Acme release notes"], now)
    report = tag_store(store, MODEL, now)
    assert (report.tagged, report.judged, report.copied) == (51, 2, 49)
    rows = store.rows("SELECT DISTINCT sentiment, negative, hostility FROM tags WHERE post_id <> 'forum:50'")
    assert len(rows) == 1


def test_a_later_post_of_equal_text_copies_its_tag(store: Store, now: datetime) -> None:
    fill(store, [ANGRY], now)
    tag_store(store, MODEL, now)
    fill(store, [ANGRY, ANGRY], now)
    report = tag_store(store, MODEL, now)
    assert (report.tagged, report.judged, report.copied) == (1, 0, 1)


def test_an_edited_post_is_judged_again(store: Store, now: datetime) -> None:
    fill(store, [ANGRY], now)
    tag_store(store, MODEL, now)
    fill(store, ["All solved, the team was wonderful, thank you!"], now)
    assert tag_store(store, MODEL, now).tagged == 1
    assert store.row("SELECT sentiment FROM tags")["sentiment"] == "positive"


def test_retag_renews_the_tags(store: Store, now: datetime) -> None:
    fill(store, [ANGRY], now)
    tag_store(store, MODEL, now)
    later = now + timedelta(days=1)
    assert tag_store(store, MODEL, later, retag=True).tagged == 1
    assert store.row("SELECT tagged_at FROM tags")["tagged_at"].startswith(later.date().isoformat())


def test_a_place_where_nobody_speaks_of_us_is_sampled_for_its_tone(store: Store, now: datetime) -> None:
    fill(store, [f"post number {i} about pumps" for i in range(260)], now - timedelta(hours=12), mentioned=False)
    report = tag_store(store, MODEL, now, workers=1)
    assert 200 <= report.tagged <= 260


def test_a_tagger_killed_in_the_middle_goes_on_where_it_stopped(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "tocsin.db"
    with open_store(path) as store:
        fill(store, [f"Acme pump {i} is awful and broken, case {i * i}" for i in range(1_500)], now)
    script = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from analyzers.tagging import tag_store; from tocsin.store.database import open_store\n"
        "with open_store(Path(sys.argv[1])) as s: tag_store(s, Path(sys.argv[2]), datetime.now(UTC), workers=1)"
    )
    child = subprocess.Popen([sys.executable, "-P", "-c", script, str(path), str(MODEL)])
    with open_store(path, read_only=True) as reader:
        for _ in range(600):
            time.sleep(0.05)
            if reader.number("SELECT count(*) FROM tags"):
                break
    child.send_signal(signal.SIGKILL)
    child.wait()
    with open_store(path) as store:
        before = store.number("SELECT count(*) FROM tags")
        assert 0 < before < 1_500
        assert tag_store(store, MODEL, now, workers=1).tagged == 1_500 - before
        assert store.number("SELECT count(*) FROM tags") == 1_500


@pytest.mark.parametrize("keep", [True, False])
def test_tags_of_an_old_version_stay_until_they_are_deleted(store: Store, now: datetime, keep: bool) -> None:
    fill(store, [ANGRY], now)
    report = tag_store(store, MODEL, now)
    columns = (
        "text_key, tagged_at, language, sentiment, negative, neutral, positive, hostility, pile_on_risk, abstained"
    )
    store.connection.execute("INSERT INTO models VALUES ('old', 'm', '2026', 0)")
    store.connection.execute(
        f"INSERT INTO tags (post_id, model_version, {columns}) SELECT post_id, 'old', {columns} FROM tags"
    )
    if not keep:
        delete_tags(store, "old")
    tag_store(store, MODEL, now, retag=True)
    versions = {row["model_version"] for row in store.rows("SELECT model_version FROM tags")}
    assert versions == ({report.model_version, "old"} if keep else {report.model_version})

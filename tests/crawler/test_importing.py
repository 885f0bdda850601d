from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ImportFileError
from crawler.import_rows import RowError, moment_of
from crawler.importing import import_file
from tocsin.store.database import Store, open_store
from tocsin.store.sources import ensure_sources

HEADER = "created_at,text,source,thread,title,id,parent,author,url,likes,replies,reposts,views"
FULL = (
    f"{HEADER}\n"
    "2026-11-01T10:00:00Z,Opening,,t1,A title,1,,ann,http://x.test/1,5,2,0,90\n"
    '2026-11-01 12:00,"Two\nlines, quoted",,t1,,2,1,bob,,,,,\n'
    "1793620800,From elsewhere,other,t9,,1,,,,,,,\n"
)


def written(folder: Path, text: str | bytes, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_column_finds_its_place(store: Store, now: datetime, tmp_path: Path) -> None:
    report = import_file(store, written(tmp_path, FULL), "archive", now)
    assert (report.rows, report.new, report.bad, report.sources) == (3, 3, 0, ["archive", "other"])
    rows = {row["id"]: dict(row) for row in store.rows("SELECT * FROM posts")}
    assert set(rows) == {"archive:1", "archive:2", "other:1"}
    assert rows["archive:2"]["parent_id"] == "archive:1"
    assert rows["archive:2"]["text"] == "Two\nlines, quoted"
    assert rows["archive:2"]["created_at"] == rows["archive:2"]["first_seen_at"] == "2026-11-01T12:00:00.000000+00:00"
    assert store.number("SELECT views FROM engagement WHERE post_id = 'archive:1'") == 90
    assert [row["title"] for row in store.rows("SELECT title FROM threads WHERE id = 'archive:t1'")] == ["A title"]


def test_a_second_import_adds_nothing(store: Store, now: datetime, tmp_path: Path) -> None:
    plain = "created_at,text,author\n2026-11-01,No id here,ann\n2026-11-01,No id here,bob\n"
    for _ in range(2):
        report = import_file(store, written(tmp_path, plain), "archive", now)
    assert (report.new, report.unchanged) == (0, 2)
    assert store.number("SELECT count(*) FROM threads") == 2, "a post that hangs on nothing opens its own thread"


def test_replies_follow_their_parents_where_no_thread_is_given(store: Store, now: datetime, tmp_path: Path) -> None:
    rows = "created_at,text,id,parent\n2026-11-01,a,1,\n2026-11-01,b,2,1\n2026-11-01,c,3,2\n"
    import_file(store, written(tmp_path, rows), "archive", now)
    assert store.number("SELECT count(*) FROM posts WHERE thread_id = 'archive:1'") == 3


def test_bad_rows_are_named_by_line_and_stop_nobody(store: Store, now: datetime, tmp_path: Path) -> None:
    rows = (
        "created_at,text,likes,source\n"
        "yesterday,words,,\n"
        "2026-11-01,,,\n"
        "2026-11-01,too few\n"
        "2026-11-01,words,many,\n"
        "2026-11-01,words,,no such name!\n"
        "2026-11-01,good,3,\n"
    )
    report = import_file(store, written(tmp_path, rows), "archive", now)
    assert (report.rows, report.new, report.bad) == (6, 1, 5)
    assert [line for line, _ in report.bad_lines] == [2, 3, 4, 5, 6]
    assert not any("words" in reason for _, reason in report.bad_lines)


def test_json_lines_gzipped(store: Store, now: datetime, tmp_path: Path) -> None:
    rows = [
        {"created_at": "2026-11-01T10:00:00+02:00", "text": "one", "id": 7, "likes": 2.0, "author": None},
        {"created_at": 1793620800, "text": "two", "id": "8", "parent": 7},
        {"created_at": "2026-11-01", "text": "three", "colour": "red"},
        ["no", "object"],
    ]
    lines = "\n".join(json.dumps(row) for row in rows) + "\n{broken\n\n"
    path = written(tmp_path, gzip.compress(lines.encode()), "posts.jsonl.gz")
    report = import_file(store, path, "archive", now)
    assert (report.rows, report.new, report.bad) == (5, 2, 3)
    assert report.bad_lines[0] == (3, "unknown columns: colour")
    assert store.number("SELECT count(*) FROM posts WHERE parent_id = 'archive:7'") == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "created_at,text,colour\n", "unknown columns: colour; known are: created_at, text, source"),
        ("a.csv", "text,likes\n", "missing columns: created_at"),
        ("a.csv", "created_at,text,text\n", "twice: text"),
        ("a.csv", "", "missing columns"),
        ("a.jsonl", '{"text": "x"}\n', "missing columns: created_at"),
        ("a.txt", "x", "not .csv"),
        ("a.csv.gz", "no gzip", "cannot be read"),
    ],
)
def test_files_that_are_no_imports_are_refused(
    store: Store, now: datetime, tmp_path: Path, name: str, text: str, words: str
) -> None:
    with pytest.raises(ImportFileError, match=words.replace(".", r"\.")):
        import_file(store, written(tmp_path, text, name), "archive", now)


def test_a_missing_file_is_refused(store: Store, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        import_file(store, tmp_path / "none.csv", "archive", now)


def test_a_crawled_source_stays_what_it_is(store: Store, now: datetime, tmp_path: Path) -> None:
    ensure_sources(store, [("blog", "feed", "http://x.test/feed")], now)
    import_file(store, written(tmp_path, "created_at,text\n2026-11-01,old words\n"), "blog", now)
    assert [tuple(row) for row in store.rows("SELECT name, kind FROM sources")] == [("blog", "feed")]


def test_pseudonyms_and_todays_date_where_wanted(store: Store, now: datetime, tmp_path: Path) -> None:
    path = written(tmp_path, "created_at,text,author\n2026-11-01,words,ann\n")
    import_file(store, path, "archive", now, backdate=False, pseudonym_key=b"key")
    assert store.number("SELECT count(*) FROM authors WHERE handle = 'ann'") == 0
    assert store.number("SELECT count(*) FROM posts WHERE first_seen_at > '2026-11-20'") == 1


def test_progress_and_newest_post_are_told(store: Store, now: datetime, tmp_path: Path) -> None:
    told: list[int] = []
    rows = "".join(f"2026-11-01T00:00:{n % 60:02},text {n}\n" for n in range(5_000))
    report = import_file(store, written(tmp_path, "created_at,text\n" + rows), "archive", now, progress=told.append)
    assert told == [2_000, 4_000, 5_000]
    assert report.newest_post_at == datetime(2026, 11, 1, 0, 0, 59, tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))  # noqa: DTZ001 - bounds
def test_times_are_read_in_every_usual_form(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert moment_of(moment.isoformat()) == moment_of(aware.isoformat().replace("+00:00", "Z")) == aware
    assert moment_of(aware.strftime("%a, %d %b %Y %H:%M:%S +0000")) == aware


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_any_cell_is_a_time_or_a_named_mistake(value: object) -> None:
    try:
        found = moment_of(value)
    except RowError as error:
        words = str(error)
    else:
        words = f"created_at {found.tzinfo}"
    assert words.startswith("created_at ")
    assert not words.endswith("None")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), min_size=13, max_size=13), max_size=5))
def test_no_cells_stop_an_import(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([HEADER.split(","), *rows, ["2026-11-01", "good"] + [""] * 11])
    folder = tmp_path_factory.mktemp("import")
    path = written(folder, stream.getvalue().encode("utf-8", "replace"))
    with open_store(folder / "tocsin.db") as store:
        report = import_file(store, path, "archive", datetime(2026, 11, 20, tzinfo=UTC))
        assert store.number("SELECT count(*) FROM posts WHERE text = 'good'") == 1
    assert report.rows == report.new + report.changed + report.unchanged + report.bad

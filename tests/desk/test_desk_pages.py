"""The desk over HTTP: every page, every query, and nobody but this machine."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.utils import parse_metadata
from typer.testing import CliRunner

from tocsin.cli.main import app
from tocsin.config import shipped
from tocsin.desk.server import SETTINGS, is_loopback
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread

FOLDER = shipped("data", "datasette")
WORDS = parse_metadata((FOLDER / "metadata.yaml").read_text(encoding="utf-8"))["databases"]["tocsin"]
DASHBOARDS = parse_metadata((FOLDER / "dashboards.yaml").read_text(encoding="utf-8"))


def get(address: str, path: str, host: str | None = None) -> str:
    headers = {"Host": host} if host else {}
    with httpx.Client(timeout=20) as client:
        answer = client.get(address + path, headers=headers)
    answer.raise_for_status()
    return answer.text


def rows(address: str, path: str, **values: str) -> list[dict[str, Any]]:
    query = urllib.parse.urlencode({**values, "_shape": "array"})
    found: list[dict[str, Any]] = json.loads(get(address, f"{path}.json?{query}"))
    return found


def test_every_table_view_and_column_has_its_words(filled: Store) -> None:
    tables = WORDS["tables"]
    held = filled.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '%_fts%'")
    names = {row["name"] for row in held} - {"_sqlite_migrations"}
    assert {name for name in tables if name != "_sqlite_migrations"} == names
    for name in names:
        columns = {row["name"] for row in filled.rows("SELECT name FROM pragma_table_info(?)", [name])}
        assert set(tables[name]["columns"]) == columns, name
        assert tables[name]["title"]
        assert tables[name]["description"]
        used = {*tables[name].get("facets", []), *tables[name].get("sortable_columns", [])}
        used |= {tables[name][key] for key in ("sort", "sort_desc", "label_column") if key in tables[name]}
        assert used <= columns, name


def test_every_page_opens(desk: str) -> None:
    pages = ["", "tocsin", "-/dashboards", "-/dashboards/overview", "-/dashboards/overview?brand=Acme"]
    pages += [f"tocsin/{name}" for name in (*WORDS["tables"], *WORDS["queries"])]
    pages += [f"-/dashboards/overview/{chart}" for chart in DASHBOARDS["overview"]["charts"]]
    for page in pages:
        text = get(desk, page)
        assert "Traceback" not in text, page
        assert 'class="message-error"' not in text, page


def test_every_canned_query_finds_something(desk: str) -> None:
    values = {"negative_posts": {"brand": "Acme"}, "search_posts": {"words": "acme disgrace"}}
    for name in WORDS["queries"]:
        assert rows(desk, f"tocsin/{name}", **values.get(name, {})), name
    assert rows(desk, "tocsin/negative_posts", brand="Nobody") == []
    assert {row["source"] for row in rows(desk, "tocsin/blind_spots")} == {"blog", "forum"}
    assert rows(desk, "tocsin/episode_authors", episode="ep-1") == rows(desk, "tocsin/episode_authors", episode="")


@pytest.mark.parametrize("words", ["", "walrus", '"changed its"', "wal*", '"', "AND OR NOT", "a\x00b", "-", "text:x"])
def test_search_takes_any_words(desk: str, words: str) -> None:
    found = rows(desk, "tocsin/search_posts", words=words)
    assert len(found) == (1 if words in ("walrus", '"changed its"') else 0)


def test_every_chart_has_its_rows(desk: str) -> None:
    for name, chart in DASHBOARDS["overview"]["charts"].items():
        assert chart["library"] in ("vega-lite", "metric"), f"{name}: other libraries put crawled text into the page"
        for brand in ("", "Acme"):
            sql = re.sub(r"\[\[(.*?)\]\]", r"\1" if brand else "", chart["query"])
            assert rows(desk, "tocsin", sql=sql, **({"brand": brand} if brand else {})), name


def test_crawled_text_is_never_markup(desk: str) -> None:
    for page in (
        "tocsin/posts",
        "tocsin/threads",
        "tocsin/negative_posts?brand=Acme",
        "tocsin/search_posts?words=acme",
    ):
        text = get(desk, page)
        assert "caught" in text
        assert "<script>document.title" not in text
        assert "<img src=x" not in text


def test_cells_are_readable(desk: str) -> None:
    text = get(desk, "tocsin/posts?_size=5")
    address = "https://forum.example/t1#0"
    assert f'<a href="{address}" title="{address}" rel="noreferrer">forum.example/t1#0</a>' in text
    assert re.search(r'<time datetime="[^"]+" title="[^"]+">\d{4}-\d\d-\d\d \d\d:\d\d</time>', text)
    assert ">author1</a>" in text
    assert 'class="unknown"' in text
    assert "<b>negative_voices</b> 2" in get(desk, "tocsin/thread_risks")


def test_a_search_box_finds_a_post(desk: str) -> None:
    assert [row["id"] for row in rows(desk, "tocsin/posts", _search="walrus")] == ["forum:7"]
    assert [row["id"] for row in rows(desk, "tocsin/threads", _search="prices")] == ["forum:t1"]


def test_what_a_run_writes_is_seen_at_once(desk: str, filled: Store) -> None:
    count = "select count(*) as n from posts where source = 'blog'"
    assert rows(desk, "tocsin", sql=count) == [{"n": 0}]
    thread = Thread("blog:t", "blog", "Late", None, None)
    write_posts(filled, [Post("blog:1", "blog", thread, "a pangolin arrives", None)], datetime.now(UTC))
    assert rows(desk, "tocsin", sql=count) == [{"n": 1}]
    assert [row["id"] for row in rows(desk, "tocsin/posts", _search="pangolin")] == ["blog:1"]
    text = "select text from posts where id = 'blog:1'"
    with filled.transaction():
        filled.run("UPDATE posts SET url = 'https://blog.example/1' WHERE id = 'blog:1'")
        assert rows(desk, "tocsin", sql=text) == [{"text": "a pangolin arrives"}], "a writer at work holds up no reader"


def test_nothing_can_be_written(desk: str) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        rows(desk, "tocsin", sql="delete from posts")
    assert refused.value.response.status_code == 400
    with pytest.raises(httpx.HTTPStatusError):
        get(desk, "tocsin.db")
    assert SETTINGS["allow_download"] is False


def test_strange_names_are_not_answered(desk: str) -> None:
    assert "Tocsin" in get(desk, "", host="localhost")
    with pytest.raises(httpx.HTTPStatusError) as refused:
        get(desk, "", host="rebound.example")
    assert refused.value.response.status_code == 421


def test_loopback_is_known() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "192.168.1.4", "example.org", "::")] == [False] * 4  # noqa: S104 (asked, not bound)


def test_all_is_served_from_here() -> None:
    for file in [path for path in Path(FOLDER).rglob("*") if path.is_file()]:
        for address in re.findall(r"https?://[^\s\"'<>]+", file.read_text(encoding="utf-8")):
            assert address.startswith(("https://vega.github.io/schema/", "https://docs.datasette.io/")), (file, address)


def test_the_page_for_analysts_says_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
    for name, table in WORDS["tables"].items():
        if "columns" in table:
            section = page.split(f"### `{name}`\n")[1].split("\n#")[0]
            assert table["description"] in section
            for column, meaning in table["columns"].items():
                assert f"| `{column}` | {meaning} |" in section, f"{name}.{column}"
    for name, query in WORDS["queries"].items():
        assert f"`{name}` | {query['description']} |" in page


def test_a_taken_port_is_said_so_with_what_to_do(filled: Store) -> None:
    (filled.path.parent / "taken.toml").write_text('store = "tocsin.db"\n')
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        config = str(filled.path.parent / "taken.toml")
        shown = CliRunner().invoke(app, ["serve", "--config", config, "--port", port])
    assert shown.exit_code == 1
    assert f"127.0.0.1:{port}" in shown.stderr
    assert "try another --port" in shown.stderr


def test_ctrl_c_closes_the_desk_without_a_trace(filled: Store) -> None:
    (filled.path.parent / "brief.toml").write_text('store = "tocsin.db"\n')
    command = [sys.executable, "-P", "-c", "from tocsin.cli.main import run; run()", "serve", "--port", "0"]
    command += ["--config", str(filled.path.parent / "brief.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "The desk is open" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert "Traceback" not in complaints

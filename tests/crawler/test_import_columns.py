from __future__ import annotations

import contextlib
import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from crawler.errors import ImportFileError
from crawler.import_columns import Columns
from crawler.importing import import_file
from crawler.mails import id_of
from crawler.ratings import rated, rating_of
from tocsin.cli.main import app
from tocsin.store.database import Store

REVIEWS = {
    "Review ID": "id",
    "Submitted": "created_at/mdy",
    "Product": "thread",
    "Reviewer": "author",
    "What do you like?": "text",
    "What do you dislike?": "text",
    "Score": "rating/10",
}


def sheet(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_an_export_of_reviews_is_read_by_its_own_column_names(store: Store, now: datetime, tmp_path: Path) -> None:
    row = {"Review ID": "r1", "Submitted": "11/02/2026 9:15 AM", "Product": "Pump", "Reviewer": "Ann", "Country": "DK",
           "What do you like?": "Quiet.", "What do you dislike?": "It leaks.", "Score": "3"}  # fmt: skip
    bare = {**row, "Review ID": "r2", "What do you like?": "", "What do you dislike?": "", "Score": "9.5"}
    wrong = {**row, "Review ID": "r3", "Score": "11"}
    path = sheet(tmp_path / "reviews.csv", row, bare, wrong)
    report = import_file(store, path, "g2", now, columns=REVIEWS)
    assert (report.new, report.bad) == (2, 1)
    assert "rating" in report.bad_lines[0][1]
    held = {row["id"]: dict(row) for row in store.rows("SELECT * FROM posts")}
    assert held["g2:r1"]["text"] == "[3 of 10] Quiet.\n\nIt leaks."
    assert held["g2:r1"]["created_at"].startswith("2026-11-02T09:15:00")
    assert held["g2:r2"]["text"] == "[9.5 of 10]", "a rating without words is a voice too"
    assert {row["thread_id"] for row in held.values()} == {"g2:Pump"}
    assert import_file(store, path, "g2", now, columns=REVIEWS).new == 0


def test_json_lines_of_a_social_suite_are_read_by_its_own_names(store: Store, now: datetime, tmp_path: Path) -> None:
    mapping = {"postedAt": "created_at", "message": "text", "permalink": "url", "reactions": "likes"}
    row = {"postedAt": 1_793_620_800_000, "message": "Words", "permalink": "https://x.test/1", "reactions": 7,
           "network": "LinkedIn", "nested": {"a": [1]}}  # fmt: skip
    path = tmp_path / "export.jsonl.gz"
    lines = [json.dumps({**row, "postedAt": "2026-11-02T10:00:00Z"}), json.dumps({"message": "no date"})]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    report = import_file(store, path, "suite", now, columns=mapping)
    assert (report.new, report.bad_lines[0][0]) == (1, 2)
    assert store.number("SELECT likes FROM engagement") == 7


def test_our_own_names_still_count_unless_another_column_has_the_part(
    store: Store, now: datetime, tmp_path: Path
) -> None:
    row = {"Date": "2026-11-02", "text": "Words", "title": "Chief of pumps", "Post title": "Prices", "id": "1"}
    import_file(store, sheet(tmp_path / "a.csv", row), "a", now, columns={"Date": "created_at", "Post title": "title"})
    assert [row["title"] for row in store.rows("SELECT title FROM threads")] == ["Prices"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"Date": "date"}, "'Date' = 'date' names no column of ours"),
        ({"Date": "created_at/xyz"}, "names no column of ours"),
        ({"A": "author", "B": "author"}, "two columns are said to be author"),
        ({"When": "created_at", "text": "text"}, "missing columns: created_at; the mapping looks for 'When'"),
        ({"Date": "created_at"}, "missing columns: text; say in sources.columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_before_anything_is_read(
    store: Store, now: datetime, tmp_path: Path, mapping: dict[str, str], words: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Date,Words\n2026-11-02,x\n" if "Date" in mapping else "Day,text\n2026-11-02,x\n")
    with pytest.raises(ImportFileError) as refused:
        import_file(store, path, "a", now, columns=mapping)
    assert words in str(refused.value)


def test_an_mbox_file_is_imported_with_its_threads_over_several_files(
    store: Store, now: datetime, tmp_path: Path
) -> None:
    def mail(name: str, parent: str = "", text: str = "Words.") -> str:
        reply = f"In-Reply-To: <{parent}>\n" if parent else ""
        return (
            f"From ann@x  Mon Nov  2 10:00:00 2026\nFrom: Ann <ann@x.test>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"
            f"Subject: Prices\nMessage-ID: <{name}>\n{reply}\n{text}\n\n"
        )

    first, second = tmp_path / "oct.mbox", tmp_path / "nov.mbox.gz"
    first.write_text(mail("a") + mail("b", "a") + mail("empty", text=""))
    second.write_bytes(gzip.compress(mail("c", "b").encode()))
    report = import_file(store, first, "list", now)
    assert (report.rows, report.new, report.bad_lines) == (3, 2, [(18, "no text in the mail")])
    assert import_file(store, second, "list", now).new == 1
    assert store.number("SELECT count(*) FROM posts WHERE thread_id = ?", [f"list:{id_of('a')}"]) == 3
    assert import_file(store, second, "list", now).new == 0
    (tmp_path / "no.mbox").write_text("nothing of the kind")
    with pytest.raises(ImportFileError, match="no mails"):
        import_file(store, tmp_path / "no.mbox", "list", now)


@pytest.mark.parametrize(
    ("value", "best", "found"),
    [
        (2, None, (2, 5)),
        ("2,5", None, (2.5, 5)),
        ("4/10", None, (4, 10)),
        ("3 out of 5 stars", None, (3, 5)),
        ("★★☆☆☆", None, (2, 5)),
        ("★★★½", None, (3.5, 5)),
        ("80", "100", (80, 100)),
        ("1 star", "5", (1, 5)),
        ("7", None, None),
        (True, None, None),
        ("good", None, None),
        (None, 5, None),
        (float("nan"), None, None),
    ],
)
def test_ratings_are_read_in_every_usual_form(value: object, best: object, found: tuple[float, float] | None) -> None:
    assert rating_of(value, best) == found


def test_a_rating_stands_in_front_of_the_words() -> None:
    assert rated("Never again", (1, 5)) == "[1 of 5] Never again"
    assert rated("", (2.5, 5)) == "[2.5 of 5]"
    assert rated("Words", None) == "Words"


@given(st.dictionaries(st.text(max_size=8), st.sampled_from(["text", "created_at", "title", "likes", "nothing"])))
def test_any_mapping_is_read_or_refused_by_name(mapping: dict[str, str]) -> None:
    with contextlib.suppress(ImportFileError):
        row = Columns.of(mapping).renamed((column, "x") for column in mapping)
        assert set(row) <= {"text", "created_at", "title", "likes"}


def test_the_key_columns_of_a_source_reaches_the_import(tmp_path: Path) -> None:
    config = tmp_path / "tocsin.toml"
    config.write_text(
        f'store = "{tmp_path}/t.db"\n[[sources]]\nname = "g2"\nkind = "import"\n'
        'columns = { "When" = "created_at/dmy", "Review" = "text", "Stars" = "rating" }\n'
    )
    path = tmp_path / "reviews.csv"
    path.write_text("When,Review,Stars,Extra\n02.11.2026,Leaks,1,x\n")
    done = CliRunner().invoke(app, ["import", str(path), "--source", "g2", "--config", str(config), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["new"] == 1
    assert json.loads(done.stdout)["newest_post_at"].startswith(str(datetime(2026, 11, 2, tzinfo=UTC))[:10])

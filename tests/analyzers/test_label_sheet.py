import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import LabelledRowError
from analyzers.label_sheet import COLUMNS, TEXT_LENGTH, complaint, guard, read_sheet, shown, unguard, write_sheet

KEY = "0123456789abcdef" * 2
cells = st.text(st.sampled_from("=+-@'\";,\t\n\r ax1()|!") | st.characters(codec="utf-8"), max_size=30)


def filled(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode(encoding))
    return path


@given(cells)
def test_what_is_guarded_comes_back_as_it_was(cell: str) -> None:
    assert unguard(guard(cell)) == cell


@given(cells, st.sampled_from(",;\t"))
def test_no_part_of_a_cell_is_a_formula_whatever_the_separator(cell: str, separator: str) -> None:
    for part in re.split(rf'[{separator}"\r\n]', guard(cell)):
        assert not re.match(r" *([=+@]|-[^)])", part)


@pytest.mark.parametrize(
    "cell", ["=HYPERLINK(A1)", "+49 228 1", "@acme help", "-1", "nice;=1+1", 'x","=1', "\t=1", "\uff1d1", "  =1"]
)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert "'" in guard(cell)


@pytest.mark.parametrize("cell", ["it is a-ok, 1+1=2", "well ;-) done", "a = b", "it's", "https://x.test/?a=b&c=-d"])
def test_ordinary_words_stay_as_they_are(cell: str) -> None:
    assert guard(cell) == cell


def test_a_long_text_is_cut_after_a_word_and_stays_on_one_line() -> None:
    text = shown("a\nline\x00 " + "word " * 900)
    assert len(text) <= TEXT_LENGTH + 2
    assert text.startswith("a line word word")
    assert text.endswith(" word …")
    assert shown("short") == "short"


def test_a_table_opens_in_excel_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_sheet(path, [{"post_id": "=forum:1", "text": "=1+1; naïve", "sentiment": "negative", "text_key": KEY}])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert row[4] == "'=1+1; naïve"
    labels, wrong = read_sheet(path)
    assert [(label.post_id, label.task, label.label, label.text_key) for label in labels] == [
        ("=forum:1", "sentiment", "negative", KEY)
    ]
    assert not wrong


def test_a_file_that_may_hold_labels_is_never_overwritten(tmp_path: Path) -> None:
    path = filled(tmp_path, "an afternoon of work")
    with pytest.raises(LabelledRowError, match="exists"):
        write_sheet(path, [])
    assert path.read_text() == "an afternoon of work"


@pytest.mark.parametrize(
    ("separator", "encoding", "newline"),
    [
        (",", "utf-8", "\n"),
        (";", "utf-8-sig", "\r\n"),
        (";", "cp1252", "\r\n"),
        ("\t", "utf-16", "\r\n"),
        (",", "utf-8", "\r"),
    ],
)
def test_tables_come_back_as_spreadsheets_save_them(
    tmp_path: Path, separator: str, encoding: str, newline: str
) -> None:
    lines = [
        "Post_ID;note;Sentiment;irony;brand;towards",
        "forum:1;naïve;NEGATIVE;yes;;",
        "forum:2;;;no;Acme;Positive ",
    ]
    path = filled(tmp_path, newline.join(line.replace(";", separator) for line in lines), encoding)
    labels, wrong = read_sheet(path)
    assert not wrong
    assert [(label.line, label.post_id, label.task, label.brand, label.label) for label in labels] == [
        (2, "forum:1", "sentiment", "", "negative"),
        (2, "forum:1", "irony", "", "ironic"),
        (3, "forum:2", "irony", "", "literal"),
        (3, "forum:2", "target_sentiment", "Acme", "positive"),
    ]


def test_lines_without_a_label_are_passed_over_and_wrong_ones_named(tmp_path: Path) -> None:
    rows = ["post_id,brand,sentiment,irony,towards,text_key", "nobody,,,,,", "", "forum:1,,furious,,,", ",,negative,,,"]
    rows += [
        "forum:2,,,maybe,,",
        "forum:3,,,,negative,",
        "forum:4,,negative,,,1.2E+31",
        '"forum:5\n",,negative,,,',
        "x,,bad,,,",
    ]
    labels, wrong = read_sheet(filled(tmp_path, "\n".join(rows)))
    assert [label.line for label in labels] == [9]
    assert {line: reason.split(";")[0] for line, reason in wrong.items()} == {
        4: "sentiment is 'furious'",
        5: "has a label but no post_id",
        6: "irony is 'maybe'",
        7: "says a tone towards a brand, but the column brand is empty",
        8: "its text_key was changed",
        11: "sentiment is 'bad'",
    }
    assert "literal, ironic, yes, no" in wrong[6]


def test_of_many_mistakes_ten_are_named_and_the_rest_counted() -> None:
    told = complaint(Path("l.csv"), dict.fromkeys(range(2, 40), "wrong")).splitlines()
    assert (told[0], told[-2], len(told)) == ("l.csv: line 2: wrong", "and 28 more lines", 12)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest of a workbook", "save it as CSV"),
        (b"text,sentiment\nx,negative\n", "must name post_id"),
        (b"post_id,text\nforum:1,x\n", "at least one of sentiment, hostility"),
        (b"", "must name post_id"),
        (bytes(range(256)) * 2_000, "must name post_id|not CSV"),
        (b'post_id,irony\n"' + b"x" * 200_000, "line 2 is not CSV"),
    ],
)
def test_another_file_is_refused_as_a_whole(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(LabelledRowError, match=said):
        read_sheet(path)

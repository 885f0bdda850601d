"""At whom is a post aimed? The shipped model and the rules of `analyzers/aims.py` on posts that we labelled.

    .venv/bin/python benchmarks/aims.py [--half dev|held_back] [--model DIR] [--json] [--wrong]

`gate/aims/dev.jsonl` is the half on which the rules were chosen, `gate/aims/held_back.jsonl` the one that was only
scored. A line is a post in its thread: `title`, `parent` (null for an opening), `parent_staff`, `text`; `brand` is
the one asked about, `rival` another one that is listened for. Labels: `aim` (brand, other_brand, poster, nobody)
and `manner` (anger, criticism, praise, null). All is ours, written for this.

Printed: the confusion of the aims, the share that is right, macro F1, and for posts aimed at the brand how well
anger is told from criticism. For comparison, in the same run: every negative or positive post means the brand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from analyzers.aims import aims
from analyzers.judging import judge, judge_stances, judge_towards
from analyzers.model import EmbeddedModel
from tocsin.store.records import Aimed, JudgedPost

ROOT = Path(__file__).resolve().parents[1]
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
AIMS = ("brand", "other_brand", "poster", "nobody", "unknown")
MANNERS = ("anger", "criticism", "praise", None)
STAFF = "staff"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("dev", "held_back"), default="held_back")
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "model")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list the lines that were not told right")
    chosen = parser.parse_args()
    path = ROOT / "benchmarks" / "gate" / "aims" / f"{chosen.half}.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = decided(EmbeddedModel.load(chosen.model), lines)
    figures = scored(lines, found)
    if chosen.json:
        print(json.dumps({"half": chosen.half, "lines": len(lines)} | figures, indent=2))
        return 0
    _show(chosen.half, lines, figures)
    if chosen.wrong:
        for line, aimed in zip(lines, found, strict=True):
            if (aimed.aim, aimed.manner) != (line["aim"], line["manner"]):
                print(f"{line['aim']}/{line['manner']} told as {aimed.aim}/{aimed.manner}: {line['text']}")
    return 0


def decided(model: EmbeddedModel, lines: Sequence[Mapping[str, Any]]) -> list[Aimed]:
    """Return what is decided about the brand of each line, as in a night: each named brand is a row of its own."""
    posts: dict[str, list[JudgedPost]] = {}
    for row in judged(model, lines):
        posts.setdefault(row.brand, []).append(row)
        if row.parent_id is not None:
            posts[row.brand].append(_parent(row, staff=lines[int(row.post_id)]["parent_staff"]))
    told = {(aimed.post_id, aimed.brand): aimed for aimed in aims(posts, {brand: {STAFF} for brand in posts})}
    return [told[str(place), line["brand"]] for place, line in enumerate(lines)]


def judged(model: EmbeddedModel, lines: Sequence[Mapping[str, Any]]) -> list[JudgedPost]:
    """Return the row of every line and its brand, then those of the rivals that are named."""
    said = judge(model, [line["text"] for line in lines])
    rows = []
    for who in ("brand", "rival"):
        for place, (line, whole) in enumerate(zip(lines, said, strict=True)):
            named = line[who] in line["text"]
            towards = judge_towards(model, [(line["text"], line[who])])[0] if named else whole
            stance = judge_stances(model, [(line["parent"], line["text"])])[0].stance if line["parent"] else None
            row = JudgedPost(
                post_id=str(place),
                brand=line[who],
                via="text" if named else "thread",
                source="board",
                thread_id=f"thread {place}",
                parent_id=f"parent {place}" if line["parent"] else None,
                author_id="board:writer",
                created_at=AT,
                first_seen_at=AT,
                text=line["text"],
                url=None,
                negative=towards.negative,
                neutral=towards.neutral,
                positive=towards.positive,
                hostility=whole.hostility,
                abstained="irony" if whole.abstained == "irony" else towards.abstained,
                stance=stance,
                tone=towards.sentiment,
                anger=whole.anger,
                post_tone=None if whole.abstained else whole.sentiment,
            )
            if who == "brand" or named:
                rows.append(row)
    return rows


def scored(lines: Sequence[Mapping[str, Any]], found: Sequence[Aimed]) -> dict[str, Any]:
    """Return the figures: shares and F1 0..1, confusions as label -> answer -> lines."""
    aimed = [(line["aim"], answer.aim) for line, answer in zip(lines, found, strict=True)]
    manners = [
        (line["manner"], answer.manner)
        for line, answer in zip(lines, found, strict=True)
        if line["aim"] == answer.aim == "brand"
    ]
    plain = [
        (line["aim"], "nobody" if answer.manner is None else "brand") for line, answer in zip(lines, found, strict=True)
    ]
    return {
        "aim_right": _right(aimed),
        "aim_macro_f1": _macro_f1(aimed),
        "all_at_the_brand_right": _right(plain),
        "all_at_the_brand_macro_f1": _macro_f1(plain),
        "manner_right_at_the_brand": _right(manners),
        "aims": _table(aimed),
        "manners_at_the_brand": _table(manners),
    }


def _parent(row: JudgedPost, *, staff: bool) -> JudgedPost:
    return JudgedPost(
        *(row.parent_id or "", row.brand, "thread", row.source, row.thread_id, None),
        *(f"board:{STAFF if staff else 'somebody'}", AT, AT, "", None, None, None, None, None, "empty"),
    )


def _right(pairs: Sequence[tuple[object, object]]) -> float:
    return round(sum(label == answer for label, answer in pairs) / len(pairs), 3)


def _macro_f1(pairs: Sequence[tuple[object, object]]) -> float:
    labels = sorted({str(label) for label, _ in pairs})
    scores = []
    for label in labels:
        both = sum(str(a) == str(b) == label for a, b in pairs)
        either = sum(str(a) == label for a, _ in pairs) + sum(str(b) == label for _, b in pairs)
        scores.append(2 * both / either)
    return round(sum(scores) / len(scores), 3)


def _table(pairs: Sequence[tuple[object, object]]) -> dict[str, dict[str, int]]:
    counts = Counter((str(label), str(answer)) for label, answer in pairs)
    return {
        label: {answer: counts[label, answer] for answer in sorted({b for _, b in counts}) if counts[label, answer]}
        for label in sorted({a for a, _ in counts})
    }


def _show(half: str, lines: Sequence[object], figures: Mapping[str, Any]) -> None:
    console = Console()
    for name, answers in (("aims", AIMS), ("manners_at_the_brand", MANNERS)):
        table = Table("label", *(str(answer) for answer in answers), title=f"{name}, {half}, {len(lines)} lines")
        for label, row in figures[name].items():
            table.add_row(label, *(str(row.get(str(answer), "")) for answer in answers))
        console.print(table)
    for name, value in figures.items():
        if isinstance(value, float):
            console.print(f"{name}: {value}")


if __name__ == "__main__":
    sys.exit(main())

r"""How well `crawler.extract` reads forum threads: words, posts without markup, posts read by hand.

    python benchmarks/forums.py [--json] [--half even|odd|all] [--pages] [--threads DIR]

Input: DIR (default ../shared/data/threads, or TOCSIN_SHARED) with INDEX.tsv, ID.html.gz and ID.truth.json (the
text of the whole thread, by human annotators).

**Words.** Word F1 of a page: both texts as bags of lower-case words (`\w+`), overlap = sum of the smaller counts,
precision = overlap / words read, recall = overlap / words of the truth, F1 their harmonic mean; macro means over
pages. The annotators of about half the pages wrote down names, dates and some quotes, those of the others did not.
`own_word_f1` compares the posts' own text alone, as earlier versions of this benchmark did; `word_f1` author, date
as shown and own text (the best of the three here, so read it beside the others);
`quoted_word_f1` all that and the quoted posts. trafilatura runs with comments, its best setting on these pages.
`odd_truths.json` lists truths that leave out comments or hold only the opening, and pages without any posts; they
count in every figure except `without_odd_truths`.

**Stripped.** Every page with markup of posts is read twice: as it is, and without JSON-LD, microdata, RDFa and
microformats. The second reading must give the same posts: `same_count` is the share of pages with equal counts,
`author` and `time` the share of the first reading's posts that the second has with that author and that time (within
26 h: many pages print local times without a zone; a post whose words are not found counts as wrong in both).

**Hand.** `forum_truths/ID.json` holds pages read by hand, one an engine: of each post, SHA-256 of the author and of
the first six words, the time to the minute as the page gives it (taken as UTC where it has no zone), and the place of
the post that it answers (null: the thread). A post is right when all four are; `post_f1` is over all posts.

**Unseen.** Every page is read by repeated blocks alone, without structured data and engine selectors, against what
these give on the page: `unseen.post_f1` is over posts right in first words, author and time (within 26 h);
`unseen.hand_f1` is `post_f1` above for that reading. `nameless` is the same with the words of all class names and ids
replaced by others. Blocks were developed on the pages with even ids, the odd ones were looked at once, at the end.
`shapes` are threads of our own in the page shapes of engines that no saved page has (`tests/files/shapes`).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from forum_hand import compare_by_hand
from forum_shapes import compare_shapes
from forum_stripped import compare_stripped
from forum_unseen import compare_unseen

from crawler.extract import ExtractedThread, extract_page

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("TOCSIN_SHARED", HERE.parent.parent / "shared"))
THREADS = SHARED / "data" / "threads"
ODD = HERE / "forum_truths" / "odd_truths.json"
_WORD = re.compile(r"\w+")

Source = tuple[str, str, bytes, str]


def word_score(found: str, truth: str) -> tuple[float, float, float]:
    """Return (F1, precision, recall) of two texts as bags of words, each 0..1."""
    ours, theirs = (Counter(_WORD.findall(text.lower())) for text in (found, truth))
    overlap = sum((ours & theirs).values())
    precision, recall = overlap / max(1, sum(ours.values())), overlap / max(1, sum(theirs.values()))
    return (2 * precision * recall / (precision + recall) if overlap else 0.0), precision, recall


def sources(folder: Path, half: str) -> list[Source]:
    """Return (id, url, html, truth) of the pages with even ids, odd ids, or all."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = [(row["id"], row["url"]) for row in csv.DictReader(index, delimiter="\t")]
    wanted = {"even": (0,), "odd": (1,), "all": (0, 1)}[half]
    return [
        (
            name,
            url,
            gzip.decompress((folder / f"{name}.html.gz").read_bytes()),
            json.loads((folder / f"{name}.truth.json").read_text(encoding="utf-8"))["main_content"],
        )
        for name, url in rows
        if int(name) % 2 in wanted
    ]


def as_shown(thread: ExtractedThread, *, quoted: bool = False) -> str:
    """Return who, when and what of a thread's posts as one text."""
    return "\n".join(
        part
        for post in thread.posts
        for part in (post.author, post.shown_at, quoted and post.quoted, post.text)
        if part
    )


def measure(name: str, url: str, html: bytes, truth: str) -> tuple[dict[str, Any], ExtractedThread]:
    """Return one page's row and its thread."""
    start = time.perf_counter()
    thread = extract_page(html, url)
    spent = 1_000 * (time.perf_counter() - start)
    f1, precision, recall = word_score(as_shown(thread), truth)
    own, own_precision, own_recall = word_score("\n".join(post.text for post in thread.posts), truth)
    posts = thread.posts
    return {
        "id": name, "route": thread.route, "posts": len(posts), "f1": f1, "precision": precision, "recall": recall,
        "quoted_f1": word_score(as_shown(thread, quoted=True), truth)[0], "own_f1": own,
        "own_precision": own_precision, "own_recall": own_recall, "ms": spent,
        "dated": mean(post.created_at is not None for post in posts) if posts else 0.0,
        "named": mean(post.author is not None for post in posts) if posts else 0.0, "url": url,
    }, thread  # fmt: skip


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the macro means of `rows`."""
    keys = ("f1", "precision", "recall", "quoted_f1", "own_f1", "own_precision", "own_recall", "ms", "dated", "named")
    means = {key: round(mean(row[key] for row in rows), 4) for key in keys} if rows else {}
    return {
        "word_f1": means.pop("f1", None),
        "own_word_f1": means.pop("own_f1", None),
        "quoted_word_f1": means.pop("quoted_f1", None),
        **means,
        "n": len(rows),
        "slowest_ms": round(max((row["ms"] for row in rows), default=0.0), 1),
        "routes": dict(Counter(row["route"] for row in rows)),
    }


def peer(found: Sequence[Source]) -> dict[str, Any]:
    """Return trafilatura's figures, or why there are none."""
    try:
        import trafilatura  # type: ignore[import-not-found]  # noqa: PLC0415  optional: pip install trafilatura
    except ImportError:
        return {"name": "trafilatura", "word_f1": None, "why": "not installed: pip install trafilatura lxml_html_clean"}
    rows = []
    for _, _, html, truth in found:
        start = time.perf_counter()
        text = trafilatura.extract(html, include_comments=True) or ""
        spent = 1_000 * (time.perf_counter() - start)
        f1, precision, recall = word_score(text, truth)
        rows.append({"f1": f1, "precision": precision, "recall": recall, "ms": spent})
    return {
        "name": f"trafilatura {trafilatura.__version__}",
        "word_f1": round(mean(row["f1"] for row in rows), 4),
        **{key: round(mean(row[key] for row in rows), 4) for key in ("precision", "recall", "ms")},
    }


def result_of(found: Sequence[Source]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return all figures, and the rows of the pages."""
    measured = [measure(*one) for one in found]
    rows = [row for row, _ in measured]
    stripped = compare_stripped([(one[1], one[2], thread) for one, (_, thread) in zip(found, measured, strict=True)])
    for row, marks in zip(rows, stripped.pages, strict=True):
        row["stripped"] = marks
    threads = {row["id"]: thread for row, thread in measured}
    hand = compare_by_hand(threads)
    unseen = compare_unseen(found, threads, word_score)
    nameless = compare_unseen(found, threads, word_score, nameless=True)
    for row, seen in zip(rows, unseen.pop("pages"), strict=True):
        row["unseen"] = (
            f"{seen['found']}/{seen['wanted']} right={seen['right'].get('all', 0)}" if seen["reference"] else ""
        )
    del nameless["pages"]
    shapes = compare_shapes()
    odd = json.loads(ODD.read_text(encoding="utf-8"))
    usual = summary([row for row in rows if row["id"] not in odd])
    figures = {
        **summary(rows),
        "even": summary([row for row in rows if int(row["id"]) % 2 == 0]),
        "odd": summary([row for row in rows if int(row["id"]) % 2]),
        "without_odd_truths": {key: usual[key] for key in ("word_f1", "own_word_f1", "n")},
        "same_count": stripped.same_count, "author": stripped.author, "time": stripped.time,
        "stripped_pages": stripped.n, "stripped_posts": stripped.posts,
        "post_f1": hand["post_f1"], "hand": hand,
        "unseen_post_f1": unseen["post_f1"], "unseen_hand_f1": unseen["hand_f1"], "unseen": unseen,
        "nameless_post_f1": nameless["post_f1"], "nameless": nameless,
        "shapes_post_f1": shapes["post_f1"], "shapes": shapes,
        "peer": peer(found),
    }  # fmt: skip
    if figures["peer"]["word_f1"]:
        figures["ratio"] = round(figures["word_f1"] / figures["peer"]["word_f1"], 3)
        figures["own_ratio"] = round(figures["own_word_f1"] / figures["peer"]["word_f1"], 3)
    return figures, rows


def main() -> int:
    """Print the figures. Exit code 2 when the data are absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--half", choices=("even", "odd", "all"), default="all")
    parser.add_argument("--pages", action="store_true", help="print every page, worst first")
    parser.add_argument("--threads", type=Path, default=THREADS)
    options = parser.parse_args()
    if not (options.threads / "INDEX.tsv").exists():
        print(f"{options.threads}: no INDEX.tsv; name the folder with --threads", file=sys.stderr)
        return 2
    figures, rows = result_of(sources(options.threads, options.half))
    if options.json:
        print(json.dumps({**figures, **({"pages": rows} if options.pages else {})}, indent=2))
        return 0
    for row in sorted(rows, key=lambda row: row["f1"]) if options.pages else ():
        print(
            f"{row['f1']:.3f} own={row['own_f1']:.3f} {row['id']} {row['route']:15} posts={row['posts']:3} "
            f"p={row['precision']:.2f} r={row['recall']:.2f} {row['ms']:4.0f} ms {row['stripped']} {row['url'][8:60]}"
        )
    for name, value in figures.items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

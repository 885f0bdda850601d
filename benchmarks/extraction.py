r"""How well `crawler.extract` reads forum threads, next to trafilatura in the same run.

    python benchmarks/extraction.py [--json] [--half even|odd|all] [--pages] [--threads DIR]

Input: DIR (default ../shared/data/threads) with INDEX.tsv, ID.html.gz and ID.truth.json (the text of the
whole thread, by human annotators).

Word F1 of a page: both texts as bags of lower-case words (`\w+`), overlap = sum of the smaller counts,
precision = overlap / words read, recall = overlap / words of the truth, F1 their harmonic mean. Our text is
the posts' texts joined, nothing else (no names, no dates, though the truth often holds them). Figures are
macro means over pages. trafilatura runs with comments, its best setting on these pages.

`agreement` needs no annotation: on pages with structured data of two or more posts, the repeated-block route
runs alone and is compared with what the page itself declares: same number of posts, and for the posts whose
texts match, same author and same date (within 26 hours: pages print local times without a zone, read as UTC).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from crawler.extract import extract_page, read_page
from crawler.extract.drafts import Draft
from crawler.extract.jsonld import jsonld_items
from crawler.extract.layout import lay_out
from crawler.extract.microdata import microdata_items
from crawler.extract.reading import structured_drafts
from crawler.extract.repeated import repeated_drafts

THREADS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "threads"
_WORD = re.compile(r"\w+")
_ZONES = timedelta(hours=26)


def word_score(found: str, truth: str) -> tuple[float, float, float]:
    """Return (F1, precision, recall) of two texts as bags of words, each 0..1."""
    ours, theirs = (Counter(_WORD.findall(text.lower())) for text in (found, truth))
    overlap = sum((ours & theirs).values())
    precision, recall = overlap / max(1, sum(ours.values())), overlap / max(1, sum(theirs.values()))
    return (2 * precision * recall / (precision + recall) if overlap else 0.0), precision, recall


def pages(folder: Path, half: str) -> list[tuple[str, str, bytes, str]]:
    """Return (id, url, html, truth) of the pages of one half (even ids: developed on; odd ids: held out)."""
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


def measure(found: Sequence[tuple[str, str, bytes, str]]) -> list[dict[str, Any]]:
    """Return one row a page: id, route, posts, f1, precision, recall, ms."""
    rows = []
    for name, url, html, truth in found:
        start = time.perf_counter()
        thread = extract_page(html, url)
        spent = 1_000 * (time.perf_counter() - start)
        f1, precision, recall = word_score("\n".join(post.text for post in thread.posts), truth)
        dated = mean(post.created_at is not None for post in thread.posts) if thread.posts else 0.0
        named = mean(post.author is not None for post in thread.posts) if thread.posts else 0.0
        rows.append(
            {"id": name, "route": thread.route, "posts": len(thread.posts), "f1": f1, "precision": precision,
             "recall": recall, "ms": spent, "dated": dated, "named": named, "url": url}
        )  # fmt: skip
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the macro means of `rows`."""
    keys = ("f1", "precision", "recall", "ms", "dated", "named")
    means = {key: round(mean(row[key] for row in rows), 4) for key in keys} if rows else {}
    return {
        "word_f1": means.pop("f1", None),
        **means,
        "n": len(rows),
        "slowest_ms": round(max((row["ms"] for row in rows), default=0.0), 1),
        "routes": dict(Counter(row["route"] for row in rows)),
    }


def agreement(found: Sequence[tuple[str, str, bytes, str]]) -> dict[str, Any]:
    """Compare repeated blocks with structured data on the pages that have both."""
    counts: list[bool] = []
    covered: list[float] = []
    authors: list[bool] = []
    dates: list[bool] = []
    texts: list[float] = []
    for _, url, html, _ in found:
        page = read_page(html, url)
        _, declared = structured_drafts(page, jsonld_items(page), microdata_items(page))
        declared = [draft for draft in declared if len(_WORD.findall(draft.text)) >= 3]
        if len(declared) < 2:
            continue
        blocks = repeated_drafts(page, lay_out(page.root))
        counts.append(len(blocks) == len(declared))
        pairs = _matched(declared, blocks)
        covered.append(len(pairs) / len(declared))
        for one, other, alike in pairs:
            texts.append(alike)
            if one.author is not None:
                authors.append(one.author == other.author)
            if one.created_at is not None:
                dates.append(other.created_at is not None and abs(one.created_at - other.created_at) <= _ZONES)
    return {
        "pages": len(counts), "same_post_count": _share(counts), "posts_found": _share(covered),
        "posts_compared": len(texts),
        "author_accuracy": _share(authors), "date_accuracy": _share(dates), "text_f1": _share(texts),
    }  # fmt: skip


def _share(values: Sequence[float]) -> float | None:
    return round(mean(values), 4) if values else None


def _matched(declared: Sequence[Draft], blocks: Sequence[Draft]) -> list[tuple[Draft, Draft, float]]:
    pairs: list[tuple[Draft, Draft, float]] = []
    free = list(blocks)
    for one in declared:
        scored = [(word_score(other.text, one.text)[0], other) for other in free]
        best = max(scored, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= 0.5:
            free.remove(best[1])
            pairs.append((one, best[1], best[0]))
    return pairs


def peer(found: Sequence[tuple[str, str, bytes, str]]) -> dict[str, Any]:
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
    found = pages(options.threads, options.half)
    rows = measure(found)
    result: dict[str, Any] = {
        **summary(rows),
        "even": summary([row for row in rows if int(row["id"]) % 2 == 0]),
        "odd": summary([row for row in rows if int(row["id"]) % 2]),
        "agreement": agreement(found),
        "peer": peer(found),
    }
    if result["peer"]["word_f1"]:
        result["ratio"] = round(result["word_f1"] / result["peer"]["word_f1"], 3)
    if options.json:
        print(json.dumps({**result, **({"pages": rows} if options.pages else {})}, indent=2))
        return 0
    for row in sorted(rows, key=lambda row: row["f1"]) if options.pages else ():
        print(
            f"{row['f1']:.3f} {row['id']} {row['route']:15} posts={row['posts']:3} p={row['precision']:.2f} "
            f"r={row['recall']:.2f} {row['ms']:4.0f} ms {row['url'][8:70]}"
        )
    for name, value in result.items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Real pages and feeds (../shared, never committed): floors below which quality must not fall."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.extract import parse_feed

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
FLOOR_WORD_F1 = 0.82
"""Measured 0.83 when pinned (docs/measurements.md); one hundredth is left for noise of parsers."""
FLOOR_AUTHORS = 0.97
FLOOR_DATES = 0.94

pytestmark = pytest.mark.shared


def test_word_f1_and_agreement_stay_above_their_floors(shared: Path) -> None:
    command = [
        sys.executable,
        str(BENCHMARKS / "extraction.py"),
        "--json",
        "--threads",
        str(shared / "data" / "threads"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["n"] == 110
    assert result["word_f1"] >= FLOOR_WORD_F1
    assert result["agreement"]["author_accuracy"] >= FLOOR_AUTHORS
    assert result["agreement"]["date_accuracy"] >= FLOOR_DATES


def test_every_feed_of_the_collection_is_read_and_no_entry_is_lost(shared: Path) -> None:
    files = sorted((shared / "data" / "feeds").glob("*.xml"))
    assert len(files) > 500
    lost = []
    for file in files:
        body = file.read_bytes()
        header = re.search(rb"Header:\s*Content-type:\s*([^\r\n]+)", body, re.IGNORECASE)
        feed = parse_feed(body, "http://127.0.0.1:8097/feed.xml", header[1].decode() if header else None)
        if re.search(rb"<(?:item|entry)[\s>]", body) and not feed.entries:
            lost.append(file.name)
    assert lost == []

"""The unpacked copy of the language identifier's model: the same answers, and never a reason to fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from analyzers.language_model import load_identifier

TEXTS = (
    "The gateway drops every connection at night",
    "Das Gateway verliert jede Nacht alle Verbindungen",
    "La passerelle perd toutes ses connexions",
    "ゲートウェイが毎晩切れる",
    "12345 !!",
    "",
)


@pytest.fixture(scope="module")
def packed() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def test_the_copy_answers_as_the_packed_model_does_and_is_made_once(packed: LanguageIdentifier, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    for _ in range(2):
        found = load_identifier(folder)
        assert [found.classify(text) for text in TEXTS] == [packed.classify(text) for text in TEXTS]
    (kept,) = folder.iterdir()
    made = kept.stat().st_mtime_ns
    load_identifier(folder)
    assert kept.stat().st_mtime_ns == made


@pytest.mark.parametrize("damage", [b"", b"no archive at all", b"PK\x03\x04 torn"], ids=["empty", "strange", "torn"])
def test_a_damaged_copy_is_made_anew(packed: LanguageIdentifier, tmp_path: Path, damage: bytes) -> None:
    load_identifier(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)
    assert load_identifier(tmp_path).classify(TEXTS[1]) == packed.classify(TEXTS[1])
    with np.load(kept) as whole:
        assert "ptc" in whole


def test_where_nothing_can_be_kept_the_packed_model_serves(packed: LanguageIdentifier, tmp_path: Path) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.write_text("")
    assert load_identifier(blocked).classify(TEXTS[0]) == packed.classify(TEXTS[0])

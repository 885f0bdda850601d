"""The gate on mentions (benchmarks/mentions.py) lets the matching through and no broken one."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from analyzers import alias_shapes, ambiguity, brand_rules, mentions
from analyzers.brand_rules import compile_rules
from benchmarks.mentions import (
    MEASURES,
    SET,
    Line,
    PinsError,
    as_toml,
    digest,
    failures,
    figures,
    judged,
    read_lines,
    read_pins,
    read_rules,
)

LINES = read_lines(SET)


def refused() -> list[str]:
    """What the gate says of the matching as it stands now."""
    told = figures(LINES, judged(LINES, compile_rules(read_rules(SET / "rules.toml"))))
    return failures(told, digest(SET), read_pins(SET / "floors.toml"))


def test_the_matching_passes_and_reaches_what_was_asked_for() -> None:
    assert refused() == []
    floors = read_pins(SET / "floors.toml")["floors"]
    assert min(floors["dev_precision"], floors["held_precision"]) >= 0.95
    assert min(floors["dev_recall"], floors["held_recall"]) >= 0.90


def test_matching_without_word_edges_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alias_shapes, "_LEFT", "")
    monkeypatch.setattr(alias_shapes, "_RIGHT", "")
    monkeypatch.setattr(brand_rules, "ends_before", lambda *_: True)
    assert refused()


def test_matching_that_takes_every_name_for_the_brand_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "THRESHOLD", 0.0)
    assert any("precision" in line for line in refused())


def test_matching_that_never_takes_a_doubtful_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "THRESHOLD", 1.0)
    assert any("recall" in line for line in refused())


@pytest.mark.parametrize("what", ["capital inside a sentence", "article or number before", "product word behind"])
def test_a_weight_of_the_wrong_sign_is_refused(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ambiguity.WEIGHTS, what, -ambiguity.WEIGHTS[what])
    assert refused()


def test_a_changed_line_and_changed_rules_are_refused(tmp_path: Path) -> None:
    for name in ("held.jsonl", "rules.toml"):
        folder = shutil.copytree(SET, tmp_path / name)
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        assert digest(folder) != digest(SET)


def test_the_lines_are_many_distinct_and_half_of_them_negative() -> None:
    assert len(LINES) >= 320
    assert len({line.brand for line in LINES}) >= 25
    assert len({(line.brand, line.text, line.title) for line in LINES}) == len(LINES)
    assert sum(not line.label for line in LINES) >= len(LINES) / 2
    named = {rule.name for rule in read_rules(SET / "rules.toml")}
    assert {line.brand for line in LINES} <= named
    assert min(Counter(line.half for line in LINES).values()) >= 160


def test_precision_and_recall_are_counted_as_they_are_meant() -> None:
    lines = [Line(half, "A", label, "k", "t") for half in ("dev", "held") for label in (True, True, False, False)]
    told = figures(lines, [True, False, True, False, True, True, False, False])
    assert (told["dev_precision"], told["dev_recall"]) == (0.5, 0.5)
    assert (told["held_precision"], told["held_recall"]) == (1.0, 1.0)
    assert told["kinds"] == {"k, not": {"right": 3, "lines": 4}, "k, spoken of": {"right": 3, "lines": 4}}


def test_a_pin_can_be_read_back_and_unusable_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(as_toml(dict.fromkeys(MEASURES, 2 / 3), "abc"), encoding="utf-8")
    pins = read_pins(path)
    assert (pins["digest"], pins["floors"]["held_recall"]) == ("abc", 0.6666)
    path.write_text(path.read_text(encoding="utf-8").replace("held_recall", "recall"), encoding="utf-8")
    with pytest.raises(PinsError, match="held_recall"):
        read_pins(path)
    with pytest.raises(PinsError, match="--pin"):
        read_pins(tmp_path / "absent.toml")

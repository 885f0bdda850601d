"""The labels of somebody else's classifier in our words: read from its files, mapped, refused where they do not fit."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analyzers.errors import ModelChoiceError
from analyzers.heads import POST_TASKS

OURS = (*POST_TASKS["sentiment"], *POST_TASKS["hostility"])
"""What a label may mean."""
KNOWN = {**{ours: ours for ours in OURS}, "neg": "negative", "neu": "neutral", "pos": "positive"}
"""Labels that need no map, in lower case."""
CLASSIFIER = "ForSequenceClassification"


def read_labels(folder: Path) -> list[str]:
    """Return the labels of the Hugging Face sequence classifier in `folder`, in the order of its logits.

    Raises `ModelChoiceError` where `config.json` is damaged or describes something else.
    """
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        made_for = [str(name) for name in config.get("architectures") or ()]
        named = {int(index): str(label) for index, label in (config.get("id2label") or {}).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelChoiceError(f"{path}: cannot be read ({error}); download the model again") from error
    if not any(name.endswith(CLASSIFIER) for name in made_for):
        what = ", ".join(made_for) or "nothing that it names"
        raise ModelChoiceError(f"{path}: made for {what}; name a model made for sequence classification")
    # transformers leaves the names out where they are these two.
    labels = [named[index] for index in sorted(named)] or ["LABEL_0", "LABEL_1"]
    if len(labels) < 2 or sorted(named) not in ([], list(range(len(labels)))):
        raise ModelChoiceError(f"{path}: id2label must name two labels or more, numbered from 0; it has {labels}")
    return labels


def map_labels(model: str, theirs: Sequence[str], given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return (their label, ours) for each of `theirs`; what `given` does not name is taken by its own name.

    Raises `ModelChoiceError`, whose text shows the table to write, where a label is left without a meaning, where
    `given` names one that the model does not have, and where no sentiment comes of it.
    """
    for label, ours in given.items():
        if label not in theirs:
            folded = {name.casefold(): name for name in theirs}
            near = difflib.get_close_matches(label.casefold(), folded, n=1)
            hint = f"did you mean {folded[near[0]]!r}?" if near else f"it has {', '.join(theirs)}"
            raise ModelChoiceError(f"model_labels: {model} has no label {label!r}; {hint}")
        if ours not in OURS:
            raise ModelChoiceError(f"model_labels: {label!r} cannot mean {ours!r}; use one of {', '.join(OURS)}")
    found = [(label, given.get(label) or KNOWN.get(label.casefold(), "")) for label in theirs]
    unknown = [label for label, ours in found if not ours]
    if unknown:
        raise ModelChoiceError(
            f"model_labels: what {', '.join(map(repr, unknown))} of {model} mean{'s' * (len(unknown) == 1)} is not"
            f" said; write a table with one of {', '.join(OURS)} for each label:\n{_table(found)}"
        )
    meanings = {ours for _, ours in found}
    if not {"negative", "positive"} <= meanings:
        raise ModelChoiceError(
            f"model_labels: no label of {model} means {'positive' if 'negative' in meanings else 'negative'};"
            " sentiment is needed to decide anything (negative and positive; neutral and hostility are optional)"
        )
    if "civil" in meanings and "hostile" not in meanings:
        raise ModelChoiceError(f"model_labels: {model} has a label for civil and none for hostile; map one to hostile")
    return tuple(found)


def _table(found: Sequence[tuple[str, str]]) -> str:
    lines = [f'{json.dumps(label, ensure_ascii=False)} = "{ours or "..."}"' for label, ours in found]
    return "\n".join(["[model_labels]", *lines])

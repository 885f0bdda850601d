"""Figures as pages show them: "1,234", "1.2K", "3 replies"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.,])([+-]?\d{1,3}(?:[.,\s]\d{3})+|[+-]?\d+(?:[.,]\d{1,2})?)\s*([kKmM])?(?![\w])")


def parse_count(text: object) -> int | None:
    """Return the first figure in `text`, None when there is none."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return int(text) if abs(text) < 1e12 else None
    match = _NUMBER.search(str(text)[:200])
    if match is None:
        return None
    digits, unit = match.groups()
    if unit:
        return (
            round(float(digits.replace(",", ".")) * (1_000 if unit in "kK" else 1_000_000))
            if digits.count(".") + digits.count(",") <= 1
            else None
        )
    cleaned = re.sub(r"[.,\s](?=\d{3}(?:\D|$))", "", digits)
    return int(float(cleaned.replace(",", "."))) if len(cleaned) <= 12 else None

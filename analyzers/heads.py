"""The heads of the listening model: which questions it answers, and in which words."""

from __future__ import annotations

LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "hostility": ("civil", "hostile"),
}
"""Each task with its labels, in the order of its logits."""

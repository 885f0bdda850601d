"""The network: one BERT trunk, attention pooling by question, one linear head a task."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from analyzers.heads import LABELS, PAIR_TASKS
from analyzers.reading import FIRST, NAMED, SECOND


class ListeningModel(nn.Module):
    """One encoder, every answer. `forward` gives logits of one task, shape (batch, labels).

    A question pools the tokens of each text with a weight of its own, softmax of a learned query
    (attention pooling; Yang et al. 2016, section 2.2), which begins as the plain mean. Pair tasks
    read both texts' pools side by side; target sentiment also the mean over the target where it is named.
    """

    def __init__(self, encoder: Path, dropout: float = 0.1) -> None:
        super().__init__()
        self.trunk = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        width = int(self.trunk.config.hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.queries = nn.ParameterDict(
            {f"{task}_{part}": nn.Parameter(torch.zeros(width)) for task in LABELS for part in _parts(task)}
        )
        self.heads = nn.ModuleDict({task: nn.Linear(width * pools(task), len(LABELS[task])) for task in LABELS})

    def forward(self, task: str, input_ids: Tensor, types: Tensor, parts: Tensor) -> Tensor:
        """Return logits of `task`; the three arguments are (batch, longest), `parts` 0 where padded (`Reading`)."""
        found = self.trunk(input_ids=input_ids, token_type_ids=types, attention_mask=(parts > 0).long())
        hidden: Tensor = found.last_hidden_state
        logits: Tensor = self.heads[task](self.dropout(self.pooled(task, hidden, parts)))
        return logits

    def pooled(self, task: str, hidden: Tensor, parts: Tensor) -> Tensor:
        """Return what the head of `task` reads of the last layer, shape (batch, width x pools)."""
        first = (parts == FIRST) | (parts == NAMED)
        pools = [_attend(hidden, first, self.queries[f"{task}_first"])]
        if task in PAIR_TASKS:
            pools.append(_attend(hidden, parts == SECOND, self.queries[f"{task}_second"]))
        if task == "target_sentiment":
            named = parts == NAMED
            named = torch.where(named.any(1, keepdim=True), named, parts == SECOND).to(hidden.dtype).unsqueeze(-1)
            pools.append((hidden * named).sum(1) / named.sum(1))
        return torch.cat(pools, dim=1)


def pools(task: str) -> int:
    """Return how many pooled vectors the head of `task` reads."""
    return {"target_sentiment": 3}.get(task, 2 if task in PAIR_TASKS else 1)


def _parts(task: str) -> tuple[str, ...]:
    return ("first", "second") if task in PAIR_TASKS else ("first",)


def _attend(hidden: Tensor, inside: Tensor, query: Tensor) -> Tensor:
    weights = torch.softmax((hidden @ query).masked_fill(~inside, float("-inf")), dim=1)
    return (weights.unsqueeze(-1) * hidden).sum(1)

"""The network: one BERT trunk, mean pooling, one linear head a task."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from transformers import AutoModel

from analyzers.heads import LABELS


class ListeningModel(nn.Module):
    """One encoder, every answer. `forward` gives logits of one task, shape (batch, labels)."""

    def __init__(self, encoder: Path, dropout: float = 0.1) -> None:
        super().__init__()
        self.trunk = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        # Half of all weights: frozen, they cost no optimizer time, and rare words keep their pretrained meaning.
        self.trunk.embeddings.word_embeddings.weight.requires_grad_(False)
        width = int(self.trunk.config.hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({task: nn.Linear(width, len(labels)) for task, labels in LABELS.items()})

    def pooled(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the mean of the last layer over real tokens, shape (batch, width)."""
        hidden = self.trunk(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)

    def forward(self, task: str, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits of `task`, shape (batch, number of labels)."""
        pooled: Tensor = self.dropout(self.pooled(input_ids, attention_mask))
        logits: Tensor = self.heads[task](pooled)
        return logits

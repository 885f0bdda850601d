"""The network before quantization, for `heads.py --checkpoint`. Needs the extra `[torch]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from analyzers.calibration import Floats
from analyzers.heads import POST_TASKS, POST_TOKENS
from analyzers.labelled import LabelledRow
from analyzers.reading import Reader
from analyzers.training.fit import padded
from analyzers.training.network import ListeningModel


def fp32(
    checkpoint: Path, encoder: Path, shipped: Mapping[str, tuple[Floats, Floats]]
) -> Callable[[str, list[LabelledRow]], Floats]:
    """Return a function from (task, rows) to the logits of the fp32 network of a training run, `shipped` heads on it.

    A head may have been fitted again on the finished encoder: what int8 costs is told by the same head on both.
    """
    network = ListeningModel(encoder)
    network.load_state_dict(torch.load(checkpoint / "checkpoint.pt", weights_only=True)["averaged"])
    network.eval()
    with torch.no_grad():
        for task, (weight, bias) in shipped.items():
            network.heads[task].weight.copy_(torch.from_numpy(weight.copy()))
            network.heads[task].bias.copy_(torch.from_numpy(bias.copy()))
    reader = Reader(Tokenizer.from_file(str(encoder / "tokenizer.json")), POST_TOKENS)

    def logits(task: str, rows: list[LabelledRow]) -> Floats:
        texts, others = [row.text for row in rows], [row.other or "" for row in rows]
        readings = reader.posts(texts) if task in POST_TASKS else reader.pairs(task, texts, others)
        order = sorted(range(len(rows)), key=lambda index: len(readings[index].ids))
        result = np.zeros((len(rows), len(network.heads[task].bias)), np.float32)
        with torch.inference_mode():
            for at in range(0, len(order), 32):
                mine = order[at : at + 32]
                result[mine] = network(task, *padded([readings[index] for index in mine])).numpy()
        return result

    return logits

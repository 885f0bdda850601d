"""Several processes of one thread each, judging chunks of posts side by side.

Two processes of one thread beat one process of two threads (docs/model.md), and a single process
judges small amounts itself: starting workers costs more than 200 posts do.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from analyzers.errors import ModelError
from analyzers.judging import Judgement, judge
from analyzers.model import EmbeddedModel

CHUNK = 128
"""Posts a worker takes at once: also what a kill loses at most, per worker."""
ALONE_UP_TO = 200

_model: EmbeddedModel | None = None


class Judges:
    """Judges texts with the model in `folder`; use as a context manager. `workers` None: one a core."""

    def __init__(self, folder: Path, workers: int | None = None) -> None:
        self.folder = folder
        self.workers = workers or _cores()
        self._pool: ProcessPoolExecutor | None = None
        self._own: EmbeddedModel | None = None

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def judged(self, texts: Sequence[str]) -> Iterator[tuple[int, list[Judgement]]]:
        """Yield (start, judgements of `texts[start:start + CHUNK]`) as chunks are done, in any order.

        Raises `ModelError` when a worker dies; what was yielded before stays good.
        """
        chunks = [(start, list(texts[start : start + CHUNK])) for start in range(0, len(texts), CHUNK)]
        if self.workers <= 1 or (self._pool is None and len(texts) <= ALONE_UP_TO):
            for start, chunk in chunks:
                self._own = self._own or EmbeddedModel.load(self.folder)
                yield start, judge(self._own, chunk)
            return
        yield from self._side_by_side(chunks)

    def _side_by_side(self, chunks: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[Judgement]]]:
        self._pool = self._pool or ProcessPoolExecutor(
            self.workers, multiprocessing.get_context("spawn"), _start, (self.folder,)
        )
        try:
            waiting: dict[Future[list[Judgement]], int] = {
                self._pool.submit(_judge, chunk): start for start, chunk in chunks
            }
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool as error:
            raise ModelError(
                "a tagging process died (out of memory?); run again, it goes on where it stopped"
            ) from error


def _cores() -> int:
    """Return how many cores this process may use; where the system cannot say, one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _start(folder: Path) -> None:
    global _model  # noqa: PLW0603 - a worker process has exactly one model, loaded once
    _model = EmbeddedModel.load(folder)


def _judge(texts: list[str]) -> list[Judgement]:
    if _model is None:
        raise ModelError("the worker has no model")
    return judge(_model, texts)

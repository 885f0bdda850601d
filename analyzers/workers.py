"""Several processes of one thread each, judging chunks of posts side by side.

Two processes of one thread beat one process of two threads (docs/model.md), and a single process
judges small amounts itself: starting workers costs more than 200 posts do.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

from analyzers.choosing import ModelChoice
from analyzers.errors import ModelError
from analyzers.judging import Judgement, Stance, Towards, judge, judge_derailment, judge_stances, judge_towards
from analyzers.model import Model

CHUNK = 128
"""Posts a worker takes at once: also what a kill loses at most, per worker."""
ALONE_UP_TO = 200

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_model: Model | None = None


class Judges:
    """Judges texts with `model` (a folder: one of ours); use as a context manager. `workers` None: one a core."""

    def __init__(self, model: ModelChoice | Path, workers: int | None = None) -> None:
        self.choice = model if isinstance(model, ModelChoice) else ModelChoice(model)
        self.workers = workers or _cores()
        self._pool: ProcessPoolExecutor | None = None
        self._own: Model | None = None

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def model(self) -> Model:
        """The model, loaded into this process. Raises `ModelError`."""
        self._own = self._own or self.choice.load()
        return self._own

    def judged(self, texts: Sequence[str]) -> Iterator[tuple[int, list[Judgement]]]:
        """Yield (start, judgements of `texts[start:start + CHUNK]`) as chunks are done, in any order.

        Raises `ModelError` when a worker dies; what was yielded before stays good.
        """
        return self._chunked(judge, texts)

    def towards(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, list[Towards]]]:
        """As `judged`, for (post, target): the tone towards the target."""
        return self._chunked(judge_towards, pairs)

    def stances(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, list[Stance]]]:
        """As `judged`, for (parent, reply): what the reply does to its parent."""
        return self._chunked(judge_stances, pairs)

    def forecasts(self, contexts: Sequence[tuple[str, str]]) -> Iterator[tuple[int, list[float]]]:
        """As `judged`, for (comments before, last comment): the probability that the conversation turns."""
        return self._chunked(judge_derailment, contexts)

    def _chunked(
        self, question: Callable[[Model, Sequence[Item]], list[Answer]], items: Sequence[Item]
    ) -> Iterator[tuple[int, list[Answer]]]:
        chunks = [(start, list(items[start : start + CHUNK])) for start in range(0, len(items), CHUNK)]
        if self.workers <= 1 or (self._pool is None and len(items) <= ALONE_UP_TO):
            for start, chunk in chunks:
                yield start, question(self.model, chunk)
            return
        self._own = None  # the workers load theirs; somebody else's model can take half a gigabyte
        self._pool = self._pool or ProcessPoolExecutor(
            self.workers, multiprocessing.get_context("spawn"), _start, (self.choice,)
        )
        try:
            waiting: dict[Future[list[Answer]], int] = {
                self._pool.submit(_ask, question, chunk): start for start, chunk in chunks
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


def _start(choice: ModelChoice) -> None:
    global _model  # noqa: PLW0603 - a worker process has exactly one model, loaded once
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _model = choice.load()


def _end_with_parent() -> None:
    """End this process when its parent is gone: workers hold each other's pipes open, so that none sees the end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ask(question: Callable[[Model, Sequence[Any]], list[Answer]], items: list[Any]) -> list[Answer]:
    if _model is None:
        raise ModelError("the worker has no model")
    return question(_model, items)

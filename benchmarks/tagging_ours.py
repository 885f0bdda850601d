"""The embedded model's side of `tagging.py`: its speed, memory, start, growth, and that a batch changes nothing.

Every function runs in a fresh process (`tagging.py --measure`) and returns plain values; `model` is a folder.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from tagging_posts import made_up_posts, token_lengths
from tokenizers import Tokenizer

from analyzers.judging import judge
from analyzers.model import EmbeddedModel
from analyzers.tagging import tag_store
from analyzers.text import normalize
from analyzers.workers import ALONE_UP_TO, Judges
from tocsin.store.database import Store, open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

START = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY = 200
"""Posts of a source-day: as many as are tagged without naming a brand."""
FIRST_WORDS = "Since the last update the gateway restarts twice a day, and nobody answers our tickets."
LOADING = """
from pathlib import Path
from analyzers.judging import judge
from analyzers.model import EmbeddedModel
judge(EmbeddedModel.load(Path({model!r})), [{text!r}])
"""


def one_worker(model: str, count: int) -> dict[str, float]:
    """Tag a fresh store of `count` posts in this process; CPU and clock seconds a post.

    Everything `tag_store` does counts but loading the model, which is measured apart and taken off.
    """
    texts = made_up_posts(count)
    judge(EmbeddedModel.load(Path(model)), [FIRST_WORDS])
    cpu, wall = _tagged(Path(model), texts, 1)
    lengths = token_lengths([normalize(text) for text in texts], Tokenizer.from_file(f"{model}/tokenizer.json"))
    return {"cpu": cpu / count, "wall": wall / count, **lengths}


def two_workers(model: str, count: int, repeat: int = 1) -> dict[str, float]:
    """Tag a fresh store of `count` posts with two workers, `repeat` times; the median of the clock seconds a post.

    As `one_worker`, but it is starting the workers that is taken off. `peak_mb` is the larger one's most memory.
    """
    texts = made_up_posts(count)
    wall = statistics.median(_tagged(Path(model), texts, 2)[1] for _ in range(repeat))
    # In KiB on Linux. Known once the workers have ended; they are the only children.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"wall": wall / count, "peak_mb": peak / 1024}


def loading(model: str, rounds: int = 3) -> dict[str, float]:
    """Start Python, import and load the model, and judge one post; the seconds beyond starting Python alone."""

    def seconds(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    code = LOADING.format(model=model, text=FIRST_WORDS)
    seconds(code)  # Once before, so that the files are in the system's cache, as for the second worker.
    bare = statistics.median(seconds("pass") for _ in range(rounds))
    return {"load_s": statistics.median(seconds(code) for _ in range(rounds)) - bare}


def batch_flips(model: str, count: int) -> dict[str, int]:
    """Judge posts together, shuffled, and each alone: count the labels and the logits that differ, all post heads."""
    loaded = EmbeddedModel.load(Path(model))
    texts = [normalize(text) for text in made_up_posts(count)]
    order = np.random.default_rng(1).permutation(count)
    together = loaded.post_logits([texts[index] for index in order])
    alone = [loaded.post_logits([texts[index]]) for index in order]
    flips = unequal = 0
    for task, logits in together.items():
        single = np.concatenate([row[task] for row in alone])
        both = (loaded.decide(task, loaded.calibration[task].probabilities(found)) for found in (logits, single))
        flips += int(np.not_equal(*both).sum())
        unequal += int((logits != single).any(axis=1).sum())
    return {"batch_flips": flips, "batch_logits_unequal": unequal, "batch_flips_n": count}


def _tagged(model: Path, texts: list[str], workers: int) -> tuple[float, float]:
    """Return the CPU seconds of this process and the clock seconds of tagging `texts`, without the start."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "tocsin.db") as store:
        _fill(store, texts)
        tagged: list[int] = []
        whole = _seconds(lambda: tagged.append(tag_store(store, model, START, workers=workers).tagged))
    if tagged != [len(texts)]:
        raise RuntimeError(f"{tagged[0]} of {len(texts)} posts were tagged")
    start = _seconds(lambda: _start(model, workers))
    return whole[0] - start[0], whole[1] - start[1]


def _start(model: Path, workers: int) -> None:
    """Start what `tag_store` starts, with next to nothing to judge."""
    with Judges(model, workers) as judges:
        loaded = judges.model
        judge(loaded, ["ok"])
        if workers > 1:
            list(judges.judged(["ok"] * (ALONE_UP_TO + 1)))


def _fill(store: Store, texts: list[str]) -> None:
    ensure_sources(store, [("forum", "forum", "https://forum.test/")], START)
    posts = []
    for number, text in enumerate(texts):
        at = START - timedelta(days=10 + number // A_DAY, seconds=number % A_DAY)
        posts.append(Post(f"forum:{number}", "forum", Thread(f"forum:t{number}", "forum", "", None, at), text, at))
    write_posts(store, posts, START)


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    clocks = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - clocks[0], time.perf_counter() - clocks[1]

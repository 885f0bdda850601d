import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tocsin.config import shipped

STARTED = """
import multiprocessing, sys, time
from analyzers.workers import ALONE_UP_TO, Judges
with Judges(__import__("pathlib").Path(sys.argv[1]), workers=2) as judges:
    list(judges.judged(["the pump is broken"] * (ALONE_UP_TO + 1)))
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="asks /proc who still runs (Linux)")
def test_workers_end_when_their_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", STARTED, str(shipped("data", "model"))], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    try:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) >= 2
        assert all(map(runs, workers))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
    for _ in range(200):
        if not any(map(runs, workers)):
            return
        time.sleep(0.05)
    for pid in filter(runs, workers):
        os.kill(pid, signal.SIGKILL)
    pytest.fail("workers outlived their parent by ten seconds")


def runs(pid: int) -> bool:
    """Return whether `pid` runs; one that ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False

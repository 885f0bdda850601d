"""One instance at a time."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.store.errors import StoreError
from tocsin.store.lock import LockHeld, locked

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.store.lock import locked
with locked(Path(sys.argv[1]), datetime(2026, 11, 22, 5, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_lock_and_kill_frees_it(tmp_path: Path) -> None:
    store = tmp_path / "tocsin.db"
    command = [sys.executable, "-c", HOLDER, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld) as refused, locked(store, NOW):
            pass
        holder.kill()
    assert f"process {holder.pid} on " in str(refused.value)
    assert "since 2026-11-22T05:00:00+00:00" in str(refused.value)
    with locked(store, NOW):
        pass


def test_the_lock_is_free_again_after_use_and_after_an_error(tmp_path: Path) -> None:
    store = tmp_path / "new" / "tocsin.db"
    with pytest.raises(ZeroDivisionError), locked(store, NOW):
        raise ZeroDivisionError
    with locked(store, NOW) as path:
        assert path.name == "tocsin.db.run.lock"
        assert '"pid"' in path.read_text()
    assert path.read_text() == ""


def test_locks_of_different_purposes_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = tmp_path / "tocsin.db"
    with (
        locked(store, NOW, "schedule"),
        locked(store, NOW),
        pytest.raises(LockHeld),
        locked(store, NOW, "schedule"),
    ):
        pass


def test_a_folder_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="check the folder"), locked(tmp_path / "file" / "tocsin.db", NOW):
        pass

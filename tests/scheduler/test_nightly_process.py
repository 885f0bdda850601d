"""The commands as processes: signals, kill -9, two instances, a restart."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tocsin.store.database import open_store
from tocsin.store.digests import latest_digest, pending_deliveries
from tocsin.store.runs import finish_run, finished_dates, last_run, start_run

WriteConfig = Callable[..., Path]
FEED = b'<rss version="2.0"><channel><title>t</title></channel></rss>'


def tocsin(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-c", "from tocsin.cli.main import run; run()", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(process: subprocess.Popen[str], words: str) -> str:
    """Read the process's messages until `words` appear."""
    said = ""
    assert process.stderr is not None
    while words not in said:
        line = process.stderr.readline()
        assert line, f"ended early: {said}"
        said += line
    return said


@contextmanager
def slow_site(asked: threading.Event, go: threading.Event) -> Iterator[int]:
    """Serve an empty feed that is answered only once `go` is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/feed":
                asked.set()
                go.wait(20)
            body = FEED if self.path == "/feed" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        go.set()
        server.shutdown()
        server.server_close()


def feed(port: int) -> str:
    return f"""
[[sources]]
name = "feed"
kind = "feed"
url = "http://127.0.0.1:{port}/feed"
allow_private = true
[crawl]
delay = 0.0
"""


def test_sigterm_finishes_the_step_in_hand_and_the_next_run_goes_on(tmp_path: Path, write_config: WriteConfig) -> None:
    asked, go = threading.Event(), threading.Event()
    with slow_site(asked, go) as port:
        config = write_config(feed(port))
        with tocsin("nightly", "-c", config, "--json") as first:
            assert asked.wait(30)
            second = tocsin("nightly", "-c", config)
            _, refused = second.communicate(timeout=30)
            assert second.returncode == 1
            assert f"held by process {first.pid} on " in " ".join(refused.split())
            first.send_signal(signal.SIGTERM)
            until(first, "stopping after the step in hand")
            go.set()
            told, _ = first.communicate(timeout=40)
        stopped = json.loads(told)
        assert first.returncode == 0
        assert (stopped["status"], list(stopped["steps"])) == ("stopped", ["leftovers", "crawl"])
        assert [found["status"] for found in stopped["coverage"]] == ["ok"]
        with open_store(tmp_path / "tocsin.db") as store:
            assert latest_digest(store) is None
        again = tocsin("nightly", "-c", config)
        told, _ = again.communicate(timeout=40)
        assert again.returncode == 0
    assert "-acme.eml" in told


@contextmanager
def mail_server(mailbox: Path, port: int) -> Iterator[None]:
    """A real SMTP server in its own process (the one of the digest tests) that keeps what it takes."""
    script = Path(__file__).parents[1] / "digest" / "receiving_server.py"
    command = [sys.executable, "-W", "ignore", str(script), str(mailbox), str(port), "plain", ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == str(port)
        try:
            yield
        finally:
            server.kill()


def test_kill_9_between_rendering_and_delivery_delivers_once(tmp_path: Path, write_config: WriteConfig) -> None:
    mailbox = tmp_path / "mailbox"
    mailbox.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mail = f"""
[mail]
channel = "smtp"
[mail.smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
[[mail.recipients]]
address = "pr@acme.example"
"""
        config = write_config(mail)
        with tocsin("nightly", "-c", config) as killed:
            until(killed, "deliver ...")
            connection, _ = silent.accept()
            killed.kill()
        connection.close()
    with open_store(tmp_path / "tocsin.db") as store:
        digest = latest_digest(store)
        assert digest is not None
        assert [left.state for left in pending_deliveries(store)] == ["pending"]
    with mail_server(mailbox, port):
        for expected in ("1 delivered", "nothing to deliver"):
            told, _ = tocsin("nightly", "-c", config, "--json").communicate(timeout=40)
            steps = json.loads(told)["steps"]
            assert (steps["leftovers"], steps["digest"]) == (expected, "0 rendered, 1 kept from an earlier run")
            assert steps["deliver"] == "nothing to deliver"
    (letter,) = mailbox.glob("pr@acme.example-*.eml")
    assert digest.message_id.split("@")[0].strip("<") in letter.read_text()


def test_the_schedule_runs_a_missed_night_at_its_start_once_and_stops_on_sigterm(
    tmp_path: Path, write_config: WriteConfig
) -> None:
    config = write_config()
    now = datetime.now(UTC)
    with open_store(tmp_path / "tocsin.db") as store:
        old = now - timedelta(days=4)
        day = old.date().isoformat()
        finish_run(store, start_run(store, "nightly", day, old), "ok", old)
    with tocsin("schedule", "-c", config) as clock:
        said = until(clock, "next run: ")
        assert "was missed: running it now" in said
        second = tocsin("schedule", "-c", config)
        _, refused = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "held by process" in refused
        clock.send_signal(signal.SIGTERM)
        clock.communicate(timeout=30)
    assert clock.returncode == 0
    with open_store(tmp_path / "tocsin.db") as store:
        assert len(finished_dates(store, "nightly")) == 2
    with tocsin("schedule", "-c", config) as clock:
        assert "was missed" not in until(clock, "next run: ")
        clock.send_signal(signal.SIGINT)
        clock.communicate(timeout=30)
    assert clock.returncode == 0
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


def test_a_clock_without_a_brand_does_not_start(tmp_path: Path) -> None:
    empty = tmp_path / "tocsin.toml"
    empty.write_text("")
    with tocsin("schedule", "-c", empty) as clock:
        _, said = clock.communicate(timeout=30)
    assert clock.returncode == 2
    assert "add a [[brands]] section" in " ".join(said.split())


def test_a_first_schedule_waits_for_its_hour(tmp_path: Path, write_config: WriteConfig) -> None:
    with tocsin("schedule", "-c", write_config()) as clock:
        assert "missed" not in until(clock, "next run: ")
        time.sleep(0.2)
        clock.send_signal(signal.SIGTERM)
        clock.communicate(timeout=30)
    with open_store(tmp_path / "tocsin.db") as store:
        assert last_run(store, "nightly") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--date", "yesterday"), "not a date"), (("--at", "soon"), "not a time"), (("-c", "no.toml"), "tocsin init")],
)
def test_wrong_use_is_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    used = tocsin("nightly", "-c", tmp_path / "none.toml", *arguments)
    _, said = used.communicate(timeout=30)
    assert used.returncode == 2
    assert words in " ".join(said.split())

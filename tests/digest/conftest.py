"""What the digest tests are made of: one brand's backlash, and ways to change it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme

from tocsin.config import shipped
from tocsin.digest.facts import EvidencePost, Facts, Listened, Moment, Week
from tocsin.store.records import Coverage, Digest, Episode, Voices

NOW = datetime(2026, 11, 22, 5, 12, tzinfo=UTC)

MakeFacts = Callable[..., Facts]


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.fixture
def templates() -> Path:
    return shipped("templates")


@pytest.fixture
def backlash() -> Episode:
    return Episode(
        id="ep-1",
        brand="Acme",
        kind="backlash",
        state="emerging",
        at=NOW,
        onset_at=hours_ago(19),
        opened_at=hours_ago(11),
        peaked_at=None,
        over_at=None,
        level=2,
        severity_days=46.0,
        window_hours=24,
        voices=Voices(posts=58, low=43, high=43, wordings=40, top5_share=0.14),
        risk=0.71,
        parts={
            "voices": 41,
            "accounts": 43,
            "expected_voices": 3.1,
            "return_days": 46.0,
            "negative_share": 0.81,
            "usual_negative_share": 0.22,
            "angrier_probability": 0.9999,
            "not_judged_share": 0.07,
        },
        threads=("forum:1",),
        sources=("forum", "hn"),
    )


@pytest.fixture
def attention(backlash: Episode) -> Episode:
    voices = Voices(31, 29, 29, 12, 0.2, "copy-paste: 18 of 31 posts, by 9 accounts, are one wording")
    return replace(backlash, id="ep-2", kind="attention", level=3, severity_days=150.0, voices=voices, parts={})


@pytest.fixture
def post() -> EvidencePost:
    return EvidencePost(
        post_id="forum:1",
        reason="where it began",
        text="The gateway still drops every night at two.",
        author="marta_k",
        source="forum",
        title="8.2 bricks the gateway?",
        created_at=hours_ago(18),
        url="https://forum.example/t/1#post-1",
        likes=41,
        sentiment="negative",
    )


@pytest.fixture
def heard() -> Callable[..., Listened]:
    def make(name: str, silent_h: float = 2.0, age_h: float = 0.2, **coverage: Any) -> Listened:
        wanted: dict[str, Any] = {"status": "ok", "new": 12, "requests": 9, "seen": 90} | coverage
        row = Coverage(name, started_at=hours_ago(age_h + 0.1), finished_at=hours_ago(age_h), **wanted)
        return Listened(name, 30, hours_ago(silent_h), row)

    return make


@pytest.fixture
def make_facts(heard: Callable[..., Listened]) -> MakeFacts:
    def make(**changes: Any) -> Facts:
        usual: dict[str, Any] = {
            "now": NOW,
            "zone": ZoneInfo("Europe/Berlin"),
            "for_date": "2026-11-22",
            "brands": (("Acme", "own"),),
            "weeks": {"Acme": (Week(140, 82, 61, 40, 30, 9), Week(70, 50, 14, 30, 22, 4))},
            "sources": (heard("forum"), heard("hn")),
            "history_days": {"Acme": 41.0},
            "model": "tocsin-listener 1",
        }
        return Facts(**(usual | changes))

    return make


@pytest.fixture
def talk() -> tuple[Moment, ...]:
    return tuple(Moment(hours_ago(number / 2), number % 3 != 0) for number in range(40))


@pytest.fixture
def digest() -> Digest:
    return Digest(
        id="2026-11-22-acme",
        for_date="2026-11-22",
        audience="Acme",
        created_at=NOW,
        subject="Acme: backlash emerging, 43 voices, forum and hn",
        html="<p>Naïve — <b>readers</b></p>",
        text="Naïve — readers\n" + "a" * 1_500 + "\n",
        message_id="<tocsin.2026-11-22.1.abc@acme.example>",
    )


@dataclass(frozen=True)
class Receiver:
    """A running mail server: where it is, what it trusts, what it took."""

    port: int
    mailbox: Path
    ca_file: Path

    def taken(self) -> list[EmailMessage]:
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.mailbox.glob("*.eml"))]
        assert all(isinstance(message, EmailMessage) for message in found)
        return found


@pytest.fixture
def receiving(tmp_path: Path) -> Callable[..., AbstractContextManager[Receiver]]:
    """Start a mail server in its own process: `with receiving(mode="tls", port=0) as server`."""
    authority = trustme.CA()
    ca_file, certificate = tmp_path / "ca.pem", tmp_path / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    mailbox = tmp_path / "mailbox"
    mailbox.mkdir()

    @contextmanager
    def running(mode: str = "starttls", port: int = 0) -> Iterator[Receiver]:
        script = Path(__file__).with_name("receiving_server.py")
        command = [sys.executable, "-W", "ignore", str(script), str(mailbox), str(port), mode, str(certificate)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield Receiver(int(process.stdout.readline()), mailbox, ca_file)
            finally:
                process.kill()

    return running

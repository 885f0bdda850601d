"""The file channel: whole files, stable names."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tocsin.digest.channels.file import FileChannel, paths
from tocsin.digest.errors import ChannelDown
from tocsin.store.records import Digest

SENDER = "tocsin@acme.example"


def test_a_digest_becomes_a_mail_and_a_page(tmp_path: Path, digest: Digest) -> None:
    with FileChannel(tmp_path / "out", SENDER) as channel:
        receipt = channel.send(digest, "")
    assert receipt == str(tmp_path / "out" / "2026-11-22-acme.eml")
    assert (tmp_path / "out" / "2026-11-22-acme.html").read_text() == digest.html
    message = message_from_bytes(Path(receipt).read_bytes(), policy=default)
    assert message["Subject"] == digest.subject
    assert message["Message-ID"] == digest.message_id
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["2026-11-22-acme.eml", "2026-11-22-acme.html"]


def test_writing_again_gives_the_same_files(tmp_path: Path, digest: Digest) -> None:
    with FileChannel(tmp_path, SENDER) as channel:
        channel.send(digest, "pr@acme.example")
        first = {path.name for path in tmp_path.iterdir()}
        channel.send(digest, "pr@acme.example")
    assert {path.name for path in tmp_path.iterdir()} == first


def test_a_file_name_does_not_give_the_recipient_away(tmp_path: Path, digest: Digest) -> None:
    letter, page = paths(tmp_path, digest, "pr@acme.example")
    assert "pr@" not in letter.name
    assert letter.name.startswith("2026-11-22-acme-")
    assert paths(tmp_path, digest, "other@acme.example") != (letter, page)
    assert paths(tmp_path, digest, "other@acme.example")[1] == page


@pytest.mark.parametrize(
    "audience", ["../../etc", "Müller & Co", "", "a" * 300, "Acme, Beta", "acme/beta", "\u65e5\u672c"]
)
def test_any_audience_gives_a_plain_name(tmp_path: Path, digest: Digest, audience: str) -> None:
    letter, _ = paths(tmp_path, replace(digest, audience=audience), "")
    assert letter.parent == tmp_path
    assert len(letter.name) < 80
    assert letter.name.replace("-", "").replace(".", "").isalnum()


def test_audiences_that_look_alike_get_different_files(tmp_path: Path, digest: Digest) -> None:
    names = {paths(tmp_path, replace(digest, audience=audience), "")[0] for audience in ("a b", "a+b", "a/b", "A*B")}
    assert len(names) == 4


def test_a_folder_that_cannot_be_made_closes_the_channel(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ChannelDown, match=r"check mail\.outbox"):
        FileChannel(tmp_path / "taken" / "out", SENDER).__enter__()

"""The SMTP channel against a real server in its own process, over TLS and with login."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from tocsin.digest.channels.smtp import SmtpChannel, SmtpServer
from tocsin.digest.errors import ChannelDown, DeliveryError
from tocsin.store.records import Digest

SENDER = "Tocsin <tocsin@acme.example>"
Receiving = Callable[..., AbstractContextManager[Any]]


def server_at(receiver: Any, **changes: Any) -> SmtpServer:
    usual = SmtpServer(
        "localhost", receiver.port, "starttls", "tocsin", "correct horse", receiver.ca_file, timeout=10.0
    )
    return replace(usual, **changes)


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_digest_arrives_whole_over_tls_with_login(receiving: Receiving, digest: Digest, mode: Any) -> None:
    with receiving(mode) as receiver, SmtpChannel(server_at(receiver, tls=mode), SENDER) as channel:
        assert channel.send(digest, "pr@acme.example") == "taken by localhost"
        (message,) = receiver.taken()
    assert message["From"] == SENDER
    assert message["To"] == "pr@acme.example"
    assert message["Subject"] == digest.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Tocsin digest <digest.acme.example>"
    assert message["Date"].datetime == digest.created_at
    assert message["Message-ID"].startswith("<tocsin.2026-11-22.1.abc.")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().splitlines() == digest.text.splitlines()
    assert message.get_body(("html",)).get_content().strip() == digest.html


def test_a_refused_recipient_does_not_stop_the_others(receiving: Receiving, digest: Digest) -> None:
    with receiving() as receiver, SmtpChannel(server_at(receiver), SENDER) as channel:
        channel.send(digest, "a@acme.example")
        with pytest.raises(DeliveryError, match=r"550 5\.1\.1 no such mailbox") as refused:
            channel.send(digest, "refused@acme.example")
        assert not isinstance(refused.value, ChannelDown)
        channel.send(digest, "b@acme.example")
        assert [message["To"] for message in receiver.taken()] == ["a@acme.example", "b@acme.example"]


def test_the_message_id_differs_by_recipient_and_not_by_attempt(receiving: Receiving, digest: Digest) -> None:
    with receiving() as receiver, SmtpChannel(server_at(receiver), SENDER) as channel:
        for recipient in ("a@acme.example", "a@acme.example", "b@acme.example"):
            channel.send(digest, recipient)
        first, again, other = (message["Message-ID"] for message in receiver.taken())
    assert first == again != other


def test_an_untrusted_certificate_is_refused(receiving: Receiving) -> None:
    with receiving() as receiver, pytest.raises(ChannelDown, match=r"not trusted.*mail\.smtp\.ca_file"):
        SmtpChannel(server_at(receiver, ca_file=None), SENDER).__enter__()


def test_a_certificate_for_another_host_is_refused(receiving: Receiving) -> None:
    with receiving() as receiver, pytest.raises(ChannelDown, match="not trusted"):
        SmtpChannel(server_at(receiver, host="127.0.0.1"), SENDER).__enter__()


def test_a_wrong_password_says_which_setting_to_check(receiving: Receiving) -> None:
    with receiving() as receiver, pytest.raises(ChannelDown, match="TOCSIN_SMTP__PASSWORD") as refused:
        SmtpChannel(server_at(receiver, password="wrong horse"), SENDER).__enter__()
    assert "wrong horse" not in str(refused.value)


def test_a_user_without_password_says_so(receiving: Receiving) -> None:
    with receiving() as receiver, pytest.raises(ChannelDown, match="set TOCSIN_SMTP__PASSWORD"):
        SmtpChannel(server_at(receiver, password=None), SENDER).__enter__()


def test_a_server_without_starttls_gets_no_mail(receiving: Receiving) -> None:
    with receiving("plain") as receiver, pytest.raises(ChannelDown, match=r"mail\.smtp\.tls"):
        SmtpChannel(server_at(receiver), SENDER).__enter__()


def test_tls_spoken_to_a_plain_port_is_explained(receiving: Receiving) -> None:
    with receiving("plain") as receiver, pytest.raises(ChannelDown, match=r"mail\.smtp\.port"):
        SmtpChannel(server_at(receiver, tls="tls"), SENDER).__enter__()


def test_a_server_that_is_down_is_a_closed_channel(digest: Digest) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ChannelDown, match=r"check mail\.smtp\.host"):
        SmtpChannel(SmtpServer("127.0.0.1", port, "none", timeout=2.0), SENDER).send(digest, "pr@acme.example")


def test_a_server_that_never_answers_times_out(receiving: Receiving, digest: Digest) -> None:
    with receiving() as receiver, SmtpChannel(server_at(receiver, timeout=1.0), SENDER) as channel:
        with pytest.raises(DeliveryError, match="the connection broke"):
            channel.send(digest, "slow@acme.example")
        assert channel.send(digest, "a@acme.example") == "taken by localhost"


def test_a_password_is_never_sent_in_the_clear_across_a_network() -> None:
    server = SmtpServer("mail.example", 25, "none", "tocsin", "secret", timeout=1.0)
    assert "secret" not in repr(server)
    with pytest.raises(ChannelDown, match="never sent in the clear"):
        SmtpChannel(server, SENDER).__enter__()


def test_a_digest_without_recipient_cannot_be_mailed(receiving: Receiving, digest: Digest) -> None:
    with (
        receiving() as receiver,
        SmtpChannel(server_at(receiver), SENDER) as channel,
        pytest.raises(DeliveryError, match=r"mail\.recipients"),
    ):
        channel.send(digest, "")

"""The outbox: rendered once, delivered once, resent after failure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import pytest

from tocsin.digest.channels.smtp import SmtpChannel, SmtpServer
from tocsin.digest.delivery import GIVE_UP_AFTER, deliver
from tocsin.digest.errors import ChannelDown, DeliveryError
from tocsin.store.database import Store
from tocsin.store.digests import pending_deliveries, save_digest
from tocsin.store.records import Digest


class Postman:
    """A channel of the real shape that fails for whom it is told to."""

    name = "post"

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.refuses: set[str] = set()
        self.falls_over_at: str | None = None
        self.shut = False

    def __enter__(self) -> Self:
        if self.shut:
            raise ChannelDown("shut")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, digest: Digest, recipient: str) -> str:
        if recipient == self.falls_over_at:
            raise ChannelDown("fell over")
        if recipient in self.refuses:
            raise DeliveryError("no such mailbox")
        self.taken.append((digest.id, recipient))
        return "taken"


@pytest.fixture
def postman(store: Store, digest: Digest) -> Postman:
    save_digest(store, digest, [("post", name) for name in ("a", "b", "c")])
    return Postman()


def test_each_recipient_is_served_once(store: Store, digest: Digest, postman: Postman) -> None:
    done = deliver(store, {"post": postman}, digest.created_at)
    assert (done.sent, done.failed) == (3, 0)
    assert deliver(store, {"post": postman}, digest.created_at).outcomes == ()
    assert postman.taken == [(digest.id, "a"), (digest.id, "b"), (digest.id, "c")]


def test_a_refused_recipient_stops_nobody_and_is_tried_again(store: Store, digest: Digest, postman: Postman) -> None:
    postman.refuses = {"b"}
    assert deliver(store, {"post": postman}, digest.created_at).failed == 1
    (left,) = pending_deliveries(store)
    assert (left.recipient, left.state, left.attempts, left.last_error) == ("b", "failed", 1, "no such mailbox")
    postman.refuses = set()
    assert deliver(store, {"post": postman}, digest.created_at).sent == 1
    assert sorted(recipient for _, recipient in postman.taken) == ["a", "b", "c"]
    assert pending_deliveries(store) == []


def test_a_closed_channel_keeps_everything_with_the_error(store: Store, digest: Digest, postman: Postman) -> None:
    postman.shut = True
    assert deliver(store, {"post": postman}, digest.created_at).failed == 3
    assert {left.last_error for left in pending_deliveries(store)} == {"shut"}


def test_a_channel_that_falls_over_midway_resends_only_the_rest(store: Store, digest: Digest, postman: Postman) -> None:
    postman.falls_over_at = "b"
    done = deliver(store, {"post": postman}, digest.created_at)
    assert (done.sent, done.failed) == (1, 2)
    postman.falls_over_at = None
    deliver(store, {"post": postman}, digest.created_at)
    assert [recipient for _, recipient in postman.taken] == ["a", "b", "c"]


def test_a_channel_that_is_gone_is_told_not_lost(store: Store, digest: Digest, postman: Postman) -> None:
    done = deliver(store, {}, digest.created_at)
    assert done.failed == 3
    assert "not configured any more" in done.outcomes[0].said
    assert deliver(store, {"post": postman}, digest.created_at).sent == 3


def test_old_news_is_not_sent_by_itself_but_on_request(store: Store, digest: Digest, postman: Postman) -> None:
    later = digest.created_at + GIVE_UP_AFTER + timedelta(hours=1)
    done = deliver(store, {"post": postman}, later)
    assert (done.outcomes, done.given_up) == ((), 3)
    assert deliver(store, {"post": postman}, later, give_up_after=None).sent == 3


def test_another_digest_of_the_date_is_not_kept(store: Store, digest: Digest, postman: Postman) -> None:
    save_digest(store, replace(digest, id="other", subject="changed"), [("post", "d")])
    deliver(store, {"post": postman}, digest.created_at)
    assert {digest_id for digest_id, _ in postman.taken} == {digest.id}


def test_a_mail_server_that_was_down_gets_each_digest_exactly_once(
    store: Store, digest: Digest, receiving: Callable[..., AbstractContextManager[Any]]
) -> None:
    save_digest(store, digest, [("smtp", f"{name}@acme.example") for name in ("a", "refused", "b")])
    with receiving() as receiver:
        port, ca_file = receiver.port, receiver.ca_file
    smtp = SmtpChannel(
        SmtpServer("localhost", port, "starttls", "tocsin", "correct horse", ca_file, 5.0), "t@acme.example"
    )
    assert deliver(store, {"smtp": smtp}, digest.created_at).failed == 3
    assert "cannot be used" in str(pending_deliveries(store)[0].last_error)
    with receiving(port=port) as receiver:
        done = deliver(store, {"smtp": smtp}, digest.created_at)
        assert (done.sent, done.failed) == (2, 1)
        deliver(store, {"smtp": smtp}, digest.created_at)
        assert [message["To"] for message in receiver.taken()] == ["a@acme.example", "b@acme.example"]
    (left,) = pending_deliveries(store)
    assert (left.recipient, left.attempts) == ("refused@acme.example", 3)
    assert "550" in str(left.last_error)

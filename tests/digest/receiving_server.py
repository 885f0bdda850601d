"""A real SMTP server in its own process, for tests: aiosmtpd with TLS and login, which keeps what it takes.

    python receiving_server.py MAILBOX PORT MODE CERT_AND_KEY

MODE: `starttls`, `tls` or `plain`. Prints the port when it listens. A recipient that starts with
`refused` is refused; one that starts with `slow` is not answered for a minute.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import uuid
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = b"tocsin", b"correct horse"


class Keeper:
    """Keeps every accepted message as a file whose name carries the envelope's recipient."""

    def __init__(self, mailbox: Path) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 (aiosmtpd names it)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (as above)
        recipient = envelope.rcpt_tos[0]
        if recipient.startswith("slow"):
            await asyncio.sleep(60)
        (self._mailbox / f"{recipient}-{uuid.uuid4().hex}.eml").write_bytes(bytes(envelope.content or b""))
        return "250 OK"


def login(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


def main(mailbox: str, port: str, mode: str, certificate: str) -> None:
    options: dict[str, Any] = {}
    context = None
    if mode != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options = {"authenticator": login, "auth_required": True, "auth_require_tls": mode == "starttls"}
    if mode == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    number = int(port) or _free_port()
    controller = Controller(
        Keeper(Path(mailbox)),
        hostname="127.0.0.1",
        port=number,
        ssl_context=context if mode == "tls" else None,
        **options,
    )
    controller.start()
    print(number, flush=True)
    sys.stdin.read()
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])

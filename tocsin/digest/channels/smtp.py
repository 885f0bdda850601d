"""The SMTP channel: one message a recipient over one verified TLS connection (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tocsin.digest.errors import ChannelDown, DeliveryError
from tocsin.digest.message import message_for
from tocsin.store.records import Digest

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """How to reach the server. `ca_file`: the certificates to trust instead of the system's; `timeout` in seconds."""

    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 30.0


class SmtpChannel:
    """Sends through one server. A broken connection is opened again once for each recipient."""

    name = "smtp"

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._connection = self._connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()

    def send(self, digest: Digest, recipient: str) -> str:
        """Send one message; return when the server has taken it over (250 after DATA)."""
        if not recipient:
            raise DeliveryError("the smtp channel needs a recipient; list one under mail.recipients")
        message = message_for(digest, self._sender, recipient)
        connection = self._connection if self._is_alive() else None
        if connection is None:
            self._drop()
            connection = self._connection = self._connected()
        envelope = parseaddr(self._sender)[1]
        try:
            connection.send_message(message, from_addr=envelope, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise DeliveryError(f"refused by {self._server.host}: {_answer(code, said)}") from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(
                f"refused by {self._server.host}: {_answer(error.smtp_code, error.smtp_error)}"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{self._server.host} does not take this address: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise DeliveryError(f"{self._server.host}: the connection broke: {_plain(error)}") from error
        return f"taken by {self._server.host}"

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        where = f"{server.host}:{server.port}"
        self._check_login()
        try:
            return self._logged_in(self._dialled())
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelDown(
                f"{where}: login refused ({error.smtp_code}); check mail.smtp.user and TOCSIN_SMTP__PASSWORD"
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise ChannelDown(
                f"{where}: its certificate is not trusted: {error.verify_message}; "
                "for a private CA set mail.smtp.ca_file"
            ) from error
        except ssl.SSLError as error:
            raise ChannelDown(f"{where}: no TLS: {error.reason}; check mail.smtp.port and mail.smtp.tls") from error
        except smtplib.SMTPNotSupportedError as error:
            raise ChannelDown(f"{where}: {error}; check mail.smtp.tls and mail.smtp.user") from error
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelDown(
                f"{where}: cannot be used: {_plain(error)}; check mail.smtp.host, mail.smtp.port and that it is up"
            ) from error

    def _dialled(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "none":
            return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
        except OSError as error:
            raise ChannelDown(f"{server.ca_file}: cannot be read as certificates; check mail.smtp.ca_file") from error
        if server.tls == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_login(self) -> None:
        server = self._server
        if server.user and server.password is None:
            raise ChannelDown("mail.smtp.user is set but no password: set TOCSIN_SMTP__PASSWORD")
        if server.user and server.tls == "none" and server.host not in _LOOPBACK:
            raise ChannelDown('a password is never sent in the clear: set mail.smtp.tls to "starttls" or "tls"')

    def _logged_in(self, connection: smtplib.SMTP) -> smtplib.SMTP:
        server = self._server
        try:
            if server.user and server.password is not None:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _is_alive(self) -> bool:
        if self._connection is None:
            return False
        try:
            return self._connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The mail was taken already; a server that is rude on QUIT changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())[:200]}"


def _plain(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]

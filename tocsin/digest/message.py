"""A digest as an internet message (RFC 5322, MIME alternative: plain text first, HTML second)."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from tocsin.digest.errors import DeliveryError
from tocsin.store.records import Digest


def message_for(digest: Digest, sender: str, recipient: str) -> EmailMessage:
    """Return the message of `digest` to one recipient ('' for none).

    The Message-ID is the same every time a digest goes to the same recipient, so that a server or a
    mail program that gets it twice can tell. Raises `DeliveryError` when an address cannot be written.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = recipient or "undisclosed-recipients:;"
        message["Subject"] = digest.subject
        message["Date"] = format_datetime(digest.created_at)
        message["Message-ID"] = message_id_for(digest.message_id, recipient)
        message["List-Id"] = f"Tocsin digest <digest.{domain_of(sender)}>"
    except (ValueError, IndexError) as error:
        raise DeliveryError(f"mail.from or the recipient's address cannot be written: {error}") from error
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(digest.text, cte="quoted-printable")
    message.add_alternative(digest.html, subtype="html", cte="quoted-printable")
    return message


def message_id_for(message_id: str, recipient: str) -> str:
    """Return the Message-ID of one recipient's copy of the digest `message_id` (`<local@domain>`)."""
    if not recipient:
        return message_id
    local, _, domain = message_id.strip("<>").rpartition("@")
    return f"<{local}.{mark(recipient)}@{domain}>"


def mark(text: str) -> str:
    """Return a short name for `text` that does not give it away at a glance."""
    return hashlib.sha256(text.casefold().encode()).hexdigest()[:8]


def domain_of(sender: str) -> str:
    """Return the domain of a From address, `localhost` when it has none."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"

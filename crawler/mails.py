"""Mails to posts: one message read, and its place in the tree of its list. Pure.

A post's id is the one that HyperKitty gives it (the base32 SHA-1 of the Message-ID, RFC 5064 and
Mailman's X-Message-ID-Hash), so a list read through its API and from an mbox file has the same ids.
Addresses are never kept: the author is the name as shown, without one a made name.
"""

from __future__ import annotations

import email
import email.errors
import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from crawler.extract.text import one_line, render_fragment
from crawler.items import FoundPost
from crawler.mail_text import own_words

MAX_PARTS = 200
"""Parts of one mail that are looked at; more are no letter."""

MAX_CHAIN = 100
"""Mails above one that are looked up: the root and the nearest."""

MAX_SENDER = 400

MAX_HEADERS = 100_000
"""Bytes before the letter begins."""

_ID = re.compile(r"<([^<>\s]{1,900})>")
_LONG_HEADER = re.compile(rb"^content-(?:[^\n]|\n[ \t]){10000}", re.IGNORECASE | re.MULTILINE)
_REPLY = re.compile(
    r"^(?:\s*(?:re|aw|sv|antw|fwd?|wg|tr|rif|res|vs)(?:\[\d+\]|\(\d+\))?\s*:|\s*\[[^\]]{1,60}\])+\s*", re.IGNORECASE
)
_ADDRESS = re.compile(r"\S+(?:@|\s+(?:at|\(a\)|\[at\])\s+)[\w-]+(?:\.|\s+dot\s+)\w+", re.IGNORECASE)
_OBSCURED = re.compile(r"^\S+\s+(?:at|\(a\))\s+\S+\s+\((?P<name>.+)\)\s*$", re.IGNORECASE)


class NoMailError(ValueError):
    """A message that cannot become a post. The text is a reason to count, without the mail's words."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `native_id` is '' without a Message-ID; `references` are ids, the root first, the parent last."""

    native_id: str
    references: tuple[str, ...]
    subject: str = field(repr=False)
    author: str | None = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime | None = None


def id_of(message_id: str) -> str:
    """Return the id of the mail with this Message-ID, given with or without its brackets."""
    bare = message_id.strip().removeprefix("<").removesuffix(">")
    return b32encode(hashlib.sha1(bare.encode("utf-8", "replace"), usedforsecurity=False).digest()).decode("ascii")


def read_mail(raw: bytes) -> Mail:
    """Read one message (RFC 5322, without its mbox line). Raises `NoMailError`."""
    if _is_hostile(raw):
        raise NoMailError("the mail's headers are no letter's")
    try:
        return _mail(email.message_from_bytes(raw))
    except NoMailError:
        raise
    except (email.errors.MessageError, RecursionError, ValueError, AttributeError, TypeError, LookupError) as error:
        raise NoMailError("the mail cannot be read") from error


def _is_hostile(raw: bytes) -> bool:
    """Tell whether a message would take the parser, which is quadratic in some of them, seconds or minutes."""
    head = min((end for end in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if end >= 0), default=len(raw))
    return head > MAX_HEADERS or raw.lower().count(b"multipart/") > MAX_PARTS or bool(_LONG_HEADER.search(raw))


def _mail(message: Message) -> Mail:
    if _header(message, "X-No-Archive").lower() == "yes":
        raise NoMailError("its author asked not to be archived")
    text = own_words(_body(message))
    if not text:
        raise NoMailError("no text in the mail")
    own = next(iter(_ID.findall(_header(message, "Message-ID"))), _header(message, "Message-ID").strip())
    return Mail(
        id_of(own) if own else "",
        tuple(id_of(found) for found in _references(message) if found != own),
        bare_subject(_header(message, "Subject")),
        author_of(_header(message, "From")),
        text,
        _moment(_header(message, "Date")),
    )


def _references(message: Message) -> list[str]:
    """Return the ids of the mails above, the root first, the one that is answered last."""
    answered = _ID.findall(_header(message, "In-Reply-To"))[:1]
    named = _ID.findall(_header(message, "References"))
    chain = [*(found for found in named if found not in answered), *answered]
    return chain if len(chain) <= MAX_CHAIN else [chain[0], *chain[1 - MAX_CHAIN :]]


def bare_subject(subject: str) -> str:
    """Return a subject without "Re:" and the list's name in brackets."""
    plain = one_line(subject)
    return _REPLY.sub("", plain) or plain


def author_of(sender: str) -> str | None:
    """Return the name in a From header; without one a name made from the address, which is not kept."""
    sender = one_line(sender)[:MAX_SENDER]
    obscured = _OBSCURED.match(sender)
    name, address = parseaddr(sender)
    return shown_name(obscured["name"] if obscured else name, address if "@" in address else sender)


def shown_name(name: str, address: str) -> str | None:
    """Return a sender's name as shown; where that is empty or an address, one made from `address`."""
    name = one_line(name).strip("'\" ")
    return name if name and not _ADDRESS.search(name) else made_name(address or name)


def made_name(address: str) -> str | None:
    """Return a lasting name for a sender of whom only the address is known."""
    bare = re.sub(r"\s*(?:\(a\)|\bat\b)\s*", "@", address.strip().lower())
    return "sender-" + hashlib.blake2b(bare.encode("utf-8", "replace"), digest_size=5).hexdigest() if bare else None


@dataclass
class Threads:
    """Finds the thread of each mail. `held(id)` returns the thread of a mail that the store knows, else None."""

    held: Callable[[str], str | None] = lambda _: None
    _of: dict[str, str] = field(default_factory=dict)

    def place(self, mail: Mail) -> str:
        """Return the id of the mail that began the thread; '' for a mail without id and references.

        The nearest mail that is known decides, else the first reference. Mails of the same chain
        that come later follow, whatever their order.
        """
        chain = [*mail.references, mail.native_id] if mail.native_id else list(mail.references)
        thread = next((found for ref in reversed(chain) if (found := self._known(ref))), None)
        thread = thread or next(iter(chain), "")
        for ref in chain:
            self._of.setdefault(ref, thread)
        return thread

    def _known(self, ref: str) -> str | None:
        return self._of.get(ref) or self.held(ref)


def post_of(mail: Mail, thread: str, address: Callable[[str], str] | None = None) -> FoundPost:
    """Return a mail as a post; `address(id)` makes its permalink where the archive has one."""
    opens = bool(mail.native_id) and thread == mail.native_id
    return FoundPost(
        thread=thread,
        native_id=mail.native_id,
        text=mail.text,
        title=mail.subject,
        thread_created_at=mail.created_at if opens else None,
        created_at=mail.created_at,
        author=mail.author,
        parent=mail.references[-1] if mail.references else None,
        url=address(mail.native_id) if address and mail.native_id else None,
        position=0 if opens else None,
        opens=opens,
    )


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        parts = decode_header(str(raw))
    except (email.errors.MessageError, ValueError):
        return str(raw)
    return "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in parts)


def _decoded(octets: bytes, charset: str | None) -> str:
    """Decode with the charset named, where it is wrong or unknown with UTF-8, then Windows-1252."""
    for name in (charset if charset and charset.lower() not in ("unknown-8bit", "us-ascii") else "utf-8", "utf-8"):
        try:
            return octets.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return octets.decode("windows-1252", "replace")


def _body(message: Message) -> str:
    plain: list[str] = []
    markup: list[str] = []
    for number, part in enumerate(_letters(message)):
        if number >= MAX_PARTS:
            break
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html" and not markup:
            markup.append(render_fragment(_text(part)))
    return "\n\n".join(plain) if any(text.strip() for text in plain) else "\n\n".join(markup)


def _letters(message: Message) -> Iterator[Message]:
    """Yield the parts that are the letter itself: no attachments, no mails forwarded whole."""
    stack = [message]
    while stack:
        part = stack.pop()
        if part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            inner = part.get_payload()
            if isinstance(inner, list):
                stack.extend(child for child in reversed(inner) if isinstance(child, Message))
        elif part.get_content_disposition() != "attachment" and not part.get_filename():
            yield part


def _text(part: Message) -> str:
    octets = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return _decoded(octets, charset) if isinstance(octets, bytes) else ""


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

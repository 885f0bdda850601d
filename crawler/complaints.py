"""What went wrong with a request, in words that say what to check. Never the words of a post."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

_STATUS = {
    304: "it says unchanged without being asked",
    401: "it needs a login",
    403: "it forbids us",
    404: "it is not there",
    410: "it is gone",
    429: "it asks for a slower pace (crawl.delay)",
}
_PASSWORD = re.compile(rb"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (CannotResolveHostError, "no such host; check the url and the network"),
    (DownloadConnectionRefusedError, "the server does not answer (connection refused)"),
    (DownloadTimeoutError, "the server took too long"),
    (DownloadCancelledError, "the answer was too large to read"),
)


def status_words(status: int, place: str) -> str:
    """Return what an error status means."""
    said = _STATUS.get(status, "the server is in trouble" if status >= 500 else "unexpected")
    return f"{place} answered {status}: {said}"


def reason_of(error: BaseException | None) -> str:
    """Return why there was no answer."""
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    if "certificate" in str(error).lower():
        return "its certificate is not to be trusted"
    if "DOWNLOAD_MAXSIZE" in str(error):
        return "the answer was too large to read once unpacked"
    if isinstance(error, IgnoreRequest):
        return str(error) or "not followed"
    return f"no usable answer ({type(error).__name__})"


def place_of(url: str) -> str:
    """Return host and path of an address: what a reader needs, without queries that may hold words."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def asks_for_login(body: bytes) -> bool:
    """Tell whether a page has a field for a password near its start, as login walls do."""
    return bool(_PASSWORD.search(body[:200_000]))

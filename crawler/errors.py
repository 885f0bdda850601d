"""What can go wrong while crawling.

CrawlError
├── PlanError            the child was handed a plan it cannot read
├── ChildError           the child process could not be started
├── PrivateAddressError  a source leads to an address inside somebody's network
├── NotUnderstoodError   an answer is not what its kind of source should send
└── ImportFileError      a file to import has no usable columns
"""

from __future__ import annotations


class CrawlError(Exception):
    """Base of everything the crawler raises. The text says what to check."""


class PlanError(CrawlError):
    """The plan given to the child process is not a plan."""


class ChildError(CrawlError):
    """The crawling child process could not be started."""


class PrivateAddressError(CrawlError):
    """A host name stands for a private, loopback or link-local address, and the source does not allow that."""

    def __init__(self, host: str, address: str, source: str) -> None:
        super().__init__(
            f"{host} is the private address {address}; if it is yours to crawl, "
            f"set allow_private = true in the source {source!r}"
        )


class NotUnderstoodError(CrawlError):
    """An answer could not be read as a feed, a listing or JSON of the expected shape."""


class ImportFileError(CrawlError):
    """A file cannot be imported at all (single bad rows are counted instead)."""

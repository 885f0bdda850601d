"""What can go wrong between an episode and a mailbox.

DigestError
    RenderError       a template is missing or broken
    DeliveryError     one recipient could not be served; the others still can
        ChannelDown   nobody can be served over this channel now
"""

from __future__ import annotations


class DigestError(Exception):
    """The root; its text says what to check."""


class RenderError(DigestError):
    """The digest could not be rendered."""


class DeliveryError(DigestError):
    """One recipient could not be served."""


class ChannelDown(DeliveryError):  # noqa: N818 (named for the state it reports)
    """The channel itself cannot be used: no server, no login, no folder."""

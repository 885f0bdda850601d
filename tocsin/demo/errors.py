"""What can go wrong before the demo has anything to show.

DemoError
    FolderInUse   the folder is not the demo's, or another demo works in it
"""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot run; the text says why and what to do."""


class FolderInUse(DemoError):  # noqa: N818 - reads as what it says
    """The folder holds something else, or another demo works in it."""

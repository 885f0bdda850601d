"""What can go wrong at the desk.

DeskError
    the desk cannot be opened; the text says what to check
"""

from __future__ import annotations


class DeskError(Exception):
    """The desk cannot be opened."""

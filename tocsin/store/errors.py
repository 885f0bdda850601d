"""What can go wrong in the store.

StoreError
    the database cannot be opened, read or written; the text says what to check, the cause is chained
"""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked. Every `sqlite3` error leaves the store as one of these."""

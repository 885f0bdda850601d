"""The numbered steps from an empty file to today's schema, each in its transaction.

A migration that has been released is never edited: a change of `schema.py` gets its own step here.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from tocsin.store import schema

migrations = Migrations("tocsin")
KNOWN = ("0001_foundation", "0002_every_answer", "0003_own_labels", "0004_observed", "0005_alarms")
"""Every step this code knows, oldest first; a store with any other was written by a newer Tocsin."""


@migrations(name=KNOWN[0])
def foundation(db: Database) -> None:
    """Make the tables, the views and the search index."""
    for script in (schema.VERSION_1, schema.VIEWS, schema.SEARCH):
        db.executescript(script)


@migrations(name=KNOWN[1])
def every_answer(db: Database) -> None:
    """Make room for what the other heads of the model say."""
    db.executescript(schema.VERSION_2)


@migrations(name=KNOWN[2])
def own_labels(db: Database) -> None:
    """Make room for what people say of posts."""
    db.executescript(schema.VERSION_3)


@migrations(name=KNOWN[3])
def observed(db: Database) -> None:
    """Make room for the followers of accounts, and for which posts are gone from their source."""
    db.executescript(schema.VERSION_4)


@migrations(name=KNOWN[4])
def alarms(db: Database) -> None:
    """Make room for what lies between posts and alarms: aims, stories of episodes, fitted weights, thresholds."""
    db.executescript(schema.VERSION_5)

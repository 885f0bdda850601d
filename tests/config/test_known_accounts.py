"""From `staff` in the configuration to the author ids that the store holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analyzers.aims import is_staff
from tocsin.config import load
from tocsin.config_errors import ConfigError
from tocsin.plans import known_accounts
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

TEXT = """
[[brands]]
name = "Acme Flow"
aliases = ["acmeflow_io"]
staff = ["@Acme_Amy", "forum:bob"]

[[brands]]
name = "Foodco"
role = "target"

[[sources]]
name = "forum"
kind = "forum"
url = "https://forum.example/"

[answers]
unanswered_hours = 8
"""


def written(folder: Path, more: str = "") -> Path:
    path = folder / "tocsin.toml"
    path.write_text(TEXT + more, encoding="utf-8")
    return path


def test_staff_roles_and_hours_are_handed_down(tmp_path: Path) -> None:
    known = known_accounts(load(written(tmp_path), environ={}))
    assert known.roles == {"Acme Flow": "own", "Foodco": "target"}
    assert known.unanswered == timedelta(hours=8)
    accounts = known.staff["Acme Flow"]
    assert is_staff("forum:acme_amy", accounts)
    assert is_staff("forum:Bob", accounts)
    assert not is_staff("blog:bob", accounts)
    assert is_staff("blog:AcmeFlow", accounts)
    assert is_staff("blog:acmeflow_io", accounts)
    assert not is_staff("forum:joe", accounts)


def test_staff_is_known_where_authors_are_pseudonyms(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, "[privacy]\npseudonymise = true\n")
    known = known_accounts(load(path, environ={"TOCSIN_PSEUDONYM_KEY": "long and random"}))
    now = datetime(2026, 11, 20, tzinfo=UTC)
    ensure_sources(store, [("forum", "forum", None)], now)
    talk = Thread("forum:t", "forum", "talk", None, now)
    names = ("Acme_Amy", "bob", "joe")
    posts = [Post(f"forum:{name}", "forum", talk, name, now, name) for name in names]
    write_posts(store, posts, now, pseudonym_key=b"long and random")
    authors = {row["id"]: row["author_id"] for row in store.rows("SELECT id, author_id FROM posts")}
    assert "amy" not in authors["forum:Acme_Amy"].casefold()
    found = [is_staff(authors[f"forum:{name}"], known.staff["Acme Flow"]) for name in names]
    assert found == [True, True, False]


@pytest.mark.parametrize("hours", ["0", "169", "1.5", '"8"'])
def test_hours_that_make_no_sense_are_refused(tmp_path: Path, hours: str) -> None:
    path = written(tmp_path)
    path.write_text(TEXT.replace("unanswered_hours = 8", f"unanswered_hours = {hours}"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"answers\.unanswered_hours"):
        load(path, environ={})

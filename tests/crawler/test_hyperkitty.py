from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.mails import id_of
from crawler.plan import SourcePlan

NAME = "valves@lists.example.test"
NOW = datetime.now(UTC)


@dataclass
class Archive:
    """Answers like HyperKitty 1.3: threads by latest activity, pages of two, mails without content in lists."""

    site: Site
    mails: dict[str, dict[str, Any]] = field(default_factory=dict)
    page: int = 2

    def __post_init__(self) -> None:
        self.base = f"{self.site.url}/archives/api/list/{NAME}"
        self.site.fallback = self.answer

    def mail(self, native: str, thread: str, parent: str | None = None, age: float = 1, **more: Any) -> None:
        self.mails[native] = {
            "url": f"{self.base}/email/{native}/",
            "mailinglist": f"{self.base}/",
            "message_id": f"{native}@x.test",
            "message_id_hash": native,
            "thread": f"{self.base}/thread/{thread}/",
            "sender": {"address": "ann (a) example.test", "mailman_id": "f00", "emails": None},
            "sender_name": "Ann Lee",
            "subject": "Re: Prices" if parent else "Prices",
            "date": (NOW - timedelta(hours=age)).isoformat().replace("+00:00", "Z"),
            "parent": f"{self.base}/email/{parent}/" if parent else None,
            "children": [],
            "votes": {"likes": 0, "dislikes": 0, "status": "neutral"},
            "content": f"Words of {native}\n\nOn Monday Bob wrote:\n> old words\n",
            "attachments": [],
            **more,
        }

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix(f"/archives/api/list/{NAME}")
        if path == "/threads/":
            return self.pages(asked, self.threads())
        if found := re.fullmatch(r"/thread/(\w+)/emails/", path):
            rows = [mail for mail in self.mails.values() if mail["thread"].endswith(f"/thread/{found[1]}/")]
            return self.pages(asked, [{k: v for k, v in row.items() if k != "content"} for row in rows])
        if (found := re.fullmatch(r"/email/(\w+)/", path)) and found[1] in self.mails:
            return json_answer(self.mails[found[1]])
        return Answer(status=404)

    def threads(self) -> list[dict[str, Any]]:
        grouped: dict[str, list[dict[str, Any]]] = {}
        for mail in self.mails.values():
            grouped.setdefault(mail["thread"], []).append(mail)
        rows = [
            {
                "url": address,
                "thread_id": address.rstrip("/").rsplit("/", 1)[1],
                "subject": "[valves] Prices",
                "date_active": max(mail["date"] for mail in mails),
                "starting_email": mails[0]["url"],
                "emails": f"{address}emails/",
                "replies_count": len(mails) - 1,
            }
            for address, mails in grouped.items()
        ]
        return sorted(rows, key=lambda row: str(row["date_active"]), reverse=True)

    def pages(self, asked: Asked, rows: list[dict[str, Any]]) -> Answer:
        offset = int(asked.query.get("offset", ["0"])[0])
        after = offset + self.page
        following = f"{self.site.url}{asked.path}?format=json&limit={self.page}&offset={after}"
        return json_answer(
            {
                "count": len(rows),
                "next": following if after < len(rows) else None,
                "previous": None,
                "results": rows[offset:after],
            }
        )


@pytest.fixture
def archive(site: Site) -> Archive:
    return Archive(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("hk", "hyperkitty", f"{site.url}/archives/list/{NAME}/", allow_private=True, **changes)


def test_every_thread_and_mail_over_pages_then_only_what_moved(archive: Archive, crawling: Crawling) -> None:
    for thread in range(5):
        age = 200 + thread * 24
        archive.mail(f"R{thread}", f"R{thread}", age=age)
        archive.mail(f"A{thread}", f"R{thread}", parent=f"R{thread}", age=age - 1)
        archive.mail(f"B{thread}", f"R{thread}", parent=f"A{thread}", age=age - 2)
    first = crawling(source(archive.site))["hk"]
    assert (first.status, first.new) == ("ok", 15)
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
        titles = {row["title"] for row in store.rows("SELECT title FROM threads")}
    assert (rows["hk:B3"]["thread_id"], rows["hk:B3"]["parent_id"]) == ("hk:R3", "hk:A3")
    assert rows["hk:A1"]["text"] == "Words of A1"
    assert rows["hk:A1"]["url"] == f"{archive.site.url}/archives/list/{NAME}/message/A1/"
    assert titles == {"Prices"}
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1

    archive.mail("C4", "R4", parent="B4", age=0.5)
    archive.site.asked.clear()
    second = crawling(source(archive.site))["hk"]
    assert (second.status, second.new) == ("ok", 1)
    assert [path for path in archive.site.paths() if "/email/" in path] == [f"/archives/api/list/{NAME}/email/C4/"]


def test_addresses_are_never_kept(archive: Archive, crawling: Crawling) -> None:
    archive.mail("R", "R")
    archive.mail("A", "R", parent="R", sender_name="")
    archive.mail("B", "R", parent="R", sender_name="ann@example.test", sender={"address": "ann@example.test"})
    archive.mail("C", "R", parent="R", sender_name=None, sender={"address": "ann (a) example.test"})
    crawling(source(archive.site))
    with crawling.open() as store:
        handles = [row["handle"] for row in store.rows("SELECT handle FROM authors ORDER BY handle")]
    assert handles[0] == "Ann Lee"
    assert len(handles) == 2, "one sender without a name is one voice"
    assert not [handle for handle in handles if "example" in handle]


def test_a_small_budget_gets_there_in_several_runs(archive: Archive, crawling: Crawling) -> None:
    for thread in range(4):
        archive.mail(f"R{thread}", f"R{thread}", age=100 + thread)
        archive.mail(f"A{thread}", f"R{thread}", parent=f"R{thread}", age=99 + thread)
    statuses = [crawling(source(archive.site, budget=8))["hk"].status for _ in range(5)]
    assert statuses[0] == "partial"
    assert statuses[-1] == "ok"
    assert len(crawling.ids()) == 8


def test_deleted_mails_are_gone_and_votes_are_a_series(archive: Archive, crawling: Crawling) -> None:
    archive.mail("R", "R", age=5)
    archive.mail("A", "R", parent="R", age=4)
    crawling(source(archive.site))
    del archive.mails["A"]
    archive.mail("B", "R", parent="R", age=1)
    archive.mails["R"]["votes"] = {"likes": 3, "dislikes": 1, "status": "likes"}
    crawling(source(archive.site))
    with crawling.open() as store:
        gone = [row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")]
        likes = [row["likes"] for row in store.rows("SELECT likes FROM engagement WHERE post_id = 'hk:R' ORDER BY 1")]
    assert (gone, likes) == (["hk:A"], [0, 3])


def test_a_list_begun_from_its_mbox_files_goes_on_through_the_api_with_the_same_ids(
    archive: Archive, crawling: Crawling
) -> None:
    root, reply = id_of("root@x.test"), id_of("reply@x.test")
    archive.mail(root, root, age=30)
    archive.mail(reply, root, parent=root, age=29)
    mbox = "".join(
        f"From x  Mon Nov  2 10:00:00 2026\nFrom: Ann Lee <a@x.test>\nSubject: Prices\nMessage-ID: <{name}@x.test>\n"
        f"Date: {(NOW - timedelta(hours=age)).strftime('%a, %d %b %Y %H:%M:%S +0000')}\n{more}\nWords of {native}\n\n"
        for name, native, age, more in (("root", root, 30, ""), ("reply", reply, 29, "In-Reply-To: <root@x.test>\n"))
    )
    api = archive.site.fallback
    assert api is not None
    archive.site.fallback = lambda asked: Answer(mbox) if "/export/" in asked.path else api(asked)
    url = f"{archive.site.url}/archives/list/{NAME}/"
    assert crawling(SourcePlan("hk", "mbox", url, allow_private=True))["hk"].new == 2
    archive.mail("NEW", root, parent=reply, age=1)
    second = crawling(source(archive.site))["hk"]
    assert (second.status, second.new, second.changed) == ("ok", 1, 0)
    assert crawling.number("SELECT count(DISTINCT thread_id) FROM posts") == 1


def test_an_address_that_is_no_list_and_a_private_one_fail_by_name(archive: Archive, crawling: Crawling) -> None:
    wrong = SourcePlan("hk", "hyperkitty", f"{archive.site.url}/archives/", allow_private=True)
    covered = crawling(wrong)["hk"]
    assert covered.status == "failed"
    assert "/list/NAME@HOST/" in str(covered.detail)
    archive.site.fallback = lambda _: Answer(status=401)
    assert crawling(source(archive.site))["hk"].status == "failed"

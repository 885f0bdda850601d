from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from conftest import Answer, Asked, Crawling, Site

from crawler.mails import id_of
from crawler.plan import SourcePlan

NOW = datetime.now(UTC)
THIS_MONTH = NOW.replace(day=1, hour=0, minute=0, second=1)
LAST_MONTH = (THIS_MONTH - timedelta(days=3)).replace(day=2)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def mail(name: str, *references: str, at: datetime = THIS_MONTH, text: str = "", headers: str = "") -> bytes:
    refs = "".join(f" <{ref}@x.test>" for ref in references)
    reply = f"In-Reply-To: <{references[-1]}@x.test>\nReferences:{refs}\n" if references else ""
    return (
        f"From ann at x.test  {at.strftime('%a %b %d %H:%M:%S %Y')}\n"
        f"From: ann at x.test (Ann Lee)\nDate: {format_datetime(at)}\nSubject: [valves] Prices\n"
        f"{reply}{headers}Message-ID: <{name}@x.test>\n\n{text or 'Words of ' + name}\n\n"
    ).encode()


def month_file(at: datetime) -> str:
    return f"{at.year}-{MONTHS[at.month - 1]}.txt.gz"


class Pipermail:
    """A Mailman 2 archive: an index with sizes, a packed file a month."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.files: dict[str, bytes] = {}
        site.routes["/pipermail/valves/"] = lambda _: self.index()

    def put(self, at: datetime, *mails: bytes) -> None:
        name = month_file(at)
        self.files[name] = self.files.get(name, b"") + b"".join(mails)
        body = gzip.compress(self.files[name], mtime=0)
        tag = f'"{len(self.files[name])}"'
        self.site.routes[f"/pipermail/valves/{name}"] = Answer(body, headers={"ETag": tag}, content_type="text/plain")

    def index(self) -> Answer:
        rows = "".join(
            f'<tr><td>{name[:-7]}:</td><td><A href="{name[:-7]}/thread.html">[ Thread ]</a></td>'
            f'<td><A href="{name}">[ Gzip\'d Text {len(body)} bytes ]</a></td></tr>'
            for name, body in self.files.items()
        )
        return Answer(f"<html><body><table>{rows}</table></body></html>")


def source(site: Site, path: str = "/pipermail/valves/", **changes: Any) -> SourcePlan:
    return SourcePlan("list", "mbox", site.url + path, allow_private=True, **changes)


def parents(crawling: Crawling) -> Mapping[str, tuple[str, str | None]]:
    with crawling.open() as store:
        return {row["id"]: (row["thread_id"], row["parent_id"]) for row in store.rows("SELECT * FROM posts")}


def test_months_are_read_oldest_first_so_that_replies_find_their_thread(site: Site, crawling: Crawling) -> None:
    archive = Pipermail(site)
    # Newest first, as the index shows them; the reply names only the mail it answers.
    archive.put(THIS_MONTH, mail("three", "two"))
    archive.put(LAST_MONTH, mail("one", at=LAST_MONTH), mail("two", "one", at=LAST_MONTH + timedelta(hours=1)))
    covered = crawling(source(site))["list"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 3, 0)
    root, two, three = (f"list:{id_of(f'{name}@x.test')}" for name in ("one", "two", "three"))
    assert parents(crawling) == {root: (root, None), two: (root, root), three: (root, two)}
    assert crawling.number("SELECT count(*) FROM authors WHERE handle LIKE '%@%' OR handle LIKE '% at %'") == 0
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_an_unchanged_archive_costs_next_to_nothing_and_a_late_mail_is_found(site: Site, crawling: Crawling) -> None:
    archive = Pipermail(site)
    archive.put(LAST_MONTH, mail("one", at=LAST_MONTH))
    archive.put(THIS_MONTH, mail("two"))
    crawling(source(site))
    site.asked.clear()
    assert crawling(source(site))["list"].new == 0
    # robots.txt, the index, and this month, which has not changed; the month before only while it is young.
    files = [asked for asked in site.asked if asked.path.endswith(".gz")]
    assert {asked.status for asked in files} <= {304}
    archive.put(LAST_MONTH, mail("late", at=LAST_MONTH + timedelta(hours=2)))
    assert crawling(source(site))["list"].new == 1
    assert f"list:{id_of('late@x.test')}" in crawling.ids()


def test_a_budget_that_runs_out_loses_nothing(site: Site, crawling: Crawling) -> None:
    archive = Pipermail(site)
    for back in (0, 28, 56):
        at = LAST_MONTH - timedelta(days=back)
        archive.put(at, mail(f"m{back}", at=at))
    archive.put(THIS_MONTH, mail("now"))
    plan = {"history_days": 200}
    assert crawling(source(site, budget=3, **plan))["list"].status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    assert crawling(source(site, **plan))["list"].status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 4


def test_a_file_that_is_missing_broken_or_cut_off_stops_none_after_it(site: Site, crawling: Crawling) -> None:
    archive = Pipermail(site)
    ages = [LAST_MONTH - timedelta(days=28 * back) for back in (3, 2, 1, 0)]
    for at in (*ages, THIS_MONTH):
        archive.put(at, mail(f"m{at:%Y%m}", at=at))
    broken = [Answer(status=404), Answer("<html>captcha</html>"), Answer(b"\x1f\x8bbroken")]
    for at, answer in zip(ages, broken, strict=False):
        site.routes[f"/pipermail/valves/{month_file(at)}"] = answer
    for _ in range(2):
        covered = crawling(source(site, history_days=250))["list"]
        assert covered.status == "partial"
    assert set(crawling.ids()) == {f"list:{id_of(f'm{at:%Y%m}@x.test')}" for at in (ages[3], THIS_MONTH)}
    order = [path for path in site.paths() if path.endswith(".gz")][: len(archive.files)]
    assert order == [f"/pipermail/valves/{month_file(at)}" for at in (*ages, THIS_MONTH)]


def test_hyperkittys_exports_are_asked_for_month_by_month(site: Site, crawling: Crawling) -> None:
    def export(asked: Asked) -> Answer:
        start = datetime.fromisoformat(asked.query["start"][0]).replace(tzinfo=UTC)
        mails = mail("one", at=LAST_MONTH) if start.month == LAST_MONTH.month else b""
        return Answer(gzip.compress(mails), content_type="application/gzip")

    site.fallback = lambda asked: export(asked) if "/export/valves@x.test-" in asked.path else Answer(status=404)
    covered = crawling(source(site, "/archives/list/valves@x.test/"))["list"]
    assert (covered.status, covered.new) == ("ok", 1)
    with crawling.open() as store:
        (row,) = store.rows("SELECT url FROM posts")
    assert row["url"] == f"{site.url}/archives/list/valves@x.test/message/{id_of('one@x.test')}/"


def test_bad_mails_are_counted_and_stop_no_other(site: Site, crawling: Crawling) -> None:
    body = mail("good") + mail("shy", headers="X-No-Archive: yes\n") + mail("empty", text="-- \nAnn")[:-5]
    body += (
        b"From \xff\xfe 2026\nSubject: =?utf-8?b?####?=\nContent-Type: text/plain; charset=x-none\n\n\xff\xe4 words\n"
    )
    site.routes["/a.mbox"] = Answer(body, content_type="application/mbox")
    covered = crawling(source(site, "/a.mbox"))["list"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 2, 2)


def test_a_bomb_and_a_page_that_is_no_archive_fail_with_what_to_do(site: Site, crawling: Crawling) -> None:
    site.routes["/b.mbox.gz"] = Answer(gzip.compress(b"\0" * 80_000_000), content_type="application/gzip")
    site.routes["/page"] = Answer("<html><p>Welcome</p></html>")
    bomb = crawling(source(site, "/b.mbox.gz"))["list"]
    assert (bomb.status, bomb.new) == ("failed", 0)
    assert "more than 64 MB" in str(bomb.detail)
    page = crawling(source(site, "/page"))["list"]
    assert page.status == "failed"
    assert "no mbox files are linked" in str(page.detail)

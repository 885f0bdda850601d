from __future__ import annotations

import contextlib
import gzip
import io
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import NotUnderstoodError
from crawler.mail_archives import ListAddress, until_of
from crawler.mail_text import own_words
from crawler.mails import NoMailError, Threads, author_of, bare_subject, id_of, post_of, read_mail
from crawler.mbox_file import messages
from crawler.packed import unpacked

PLAIN = b"""From: Ann Lee <ann@example.test>
Date: Mon, 2 Nov 2026 10:00:00 +0100
Subject: [valves] Re: =?utf-8?q?Dr=C3=BCcke?= at 40 bar
Message-ID: <two@example.test>
In-Reply-To: <one@example.test>
References: <zero@example.test> <one@example.test>

I disagree.

On Sunday, 1 November 2026, Bob
<bob@example.test> wrote:

> It holds.
>> Does it?

It leaks after a week.

--\x20
Ann Lee, Example Ltd.
"""


def test_a_mail_is_its_own_words_its_sender_by_name_and_its_place_in_the_tree() -> None:
    mail = read_mail(PLAIN)
    assert mail.text == "I disagree.\n\nIt leaks after a week."
    assert (mail.author, mail.subject) == ("Ann Lee", "Drücke at 40 bar")
    assert mail.created_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert mail.references == (id_of("zero@example.test"), id_of("<one@example.test>"))
    found = post_of(mail, Threads().place(mail))
    assert (found.thread, found.parent, found.opens) == (*mail.references, False)


def test_the_id_is_that_of_hyperkitty() -> None:
    # The pair that Mailman's documentation shows.
    assert id_of("<87myycy5eh.fsf@uwakimon.sk.tsukuba.ac.jp>") == "JJIGKPKB6CVDX6B2CUG4IHAJRIQIOUTP"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Yes.\n\n-----Original Message-----\nFrom: Bob\nSent: today\n\nLong mail below", "Yes."),
        ("Ja.\n\nVon: Bob\nGesendet: heute\nAn: Ann\n\nalte Worte", "Ja."),
        ("Am 1.11.2026 um 10:00 schrieb Bob:\n> alt\nneu", "neu"),
        ("Le lundi, Bob a écrit :\n> vieux\n\nnouveau", "nouveau"),
        ("Text.\n_______________________________________________\nValves mailing list -- v@x\nTo unsubscribe", "Text."),
        ("> nothing but\n> quotes", "nothing but\nquotes"),
        ("See:\n\nthe list wrote nothing", "See:\n\nthe list wrote nothing"),
        ("1 > 0 and\r\nthat is > all", "1 > 0 and\nthat is > all"),
    ],
)
def test_quotes_signatures_footers_and_mails_below_are_apart(body: str, words: str) -> None:
    assert own_words(body) == words


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ('"Lee, Ann" <ann@example.test>', "Lee, Ann"),
        ("ann at example.test (Ann Lee)", "Ann Lee"),
        ("ann@example.test (Ann Lee)", "Ann Lee"),
    ],
)
def test_the_name_is_taken_as_shown(sender: str, name: str) -> None:
    assert author_of(sender) == name


def test_an_address_is_never_a_name_and_the_same_sender_is_the_same_voice() -> None:
    made = {author_of(sender) for sender in ("ann@example.test", "<ann@example.test>", "ann at example.test",
                                             '"ann@example.test" <ann@example.test>')}  # fmt: skip
    assert len(made) == 1
    assert "ann" not in str(made)
    assert author_of("") is None


def test_encoded_multipart_and_wrongly_declared_letters_are_read() -> None:
    raw = (
        b"From: =?iso-8859-1?Q?J=F6rg?= <j@x.test>\nMIME-Version: 1.0\nSubject: a\n"
        b'Content-Type: multipart/mixed; boundary="B"\n\n'
        b'--B\nContent-Type: multipart/alternative; boundary="A"\n\n'
        b"--A\nContent-Type: text/plain; charset=no-such-charset\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"Gr=FC=DFe\n--A\nContent-Type: text/html\n\n<p>other</p>\n--A--\n"
        b"--B\nContent-Type: text/plain; name=log.txt\nContent-Disposition: attachment; filename=log.txt\n\nnoise\n"
        b"--B\nContent-Type: message/rfc822\n\nSubject: forwarded\n\nnot hers\n--B--\n"
    )
    mail = read_mail(raw)
    assert (mail.author, mail.text) == ("Jörg", "Grüße")
    only_html = b"From: a <a@x>\nContent-Type: text/html; charset=utf-8\n\n<p>One</p><script>x</script><p>Two</p>"
    assert read_mail(only_html).text == "One\n\nTwo"


def test_a_mail_whose_author_wants_no_archive_and_one_without_words_are_named() -> None:
    with pytest.raises(NoMailError, match="not to be archived"):
        read_mail(b"From: a <a@x>\nX-No-Archive: Yes\n\nwords")
    with pytest.raises(NoMailError, match="no text"):
        read_mail(b"From: a <a@x>\n\n\n")
    deep = b"From: a <a@x>\nContent-Type: multipart/mixed; boundary=b\n\n" + (
        b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000
    )
    with pytest.raises(NoMailError):
        read_mail(deep)


@pytest.mark.parametrize("times", [1, 50])
@pytest.mark.parametrize(
    "header",
    [
        b"References: " + b"<a@b> <c@d> " * 2_000,
        b"Subject: " + b"[a] " * 5_000,
        b"Subject: " + b"=?utf-8?q?" * 2_000,
        b"From: " + b"(a" * 10_000,
        b"From: " + b"a at b " * 3_000,
        b"Content-Type: text/plain; " + b"x*=;" * 2_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; " + b"x*=;" * 5_000,
    ],
)
def test_endless_headers_cost_little_and_stop_nobody(header: bytes, times: int) -> None:
    began = time.process_time()
    name, _, value = header.partition(b": ")
    with contextlib.suppress(NoMailError):
        mail = read_mail(name + b": " + value * times + b"\nMessage-ID: <own@x.test>\n\nWords.")
        assert times == 1
        assert (mail.text, mail.native_id) == ("Words.", id_of("own@x.test"))
        assert len(mail.references) <= 100
    assert time.process_time() - began < 1


@given(st.binary(max_size=400))
def test_no_bytes_are_more_than_a_named_mistake(raw: bytes) -> None:
    for head in (b"", b"From: a <a@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", b"Subject: =?utf-8?b?"):
        with contextlib.suppress(NoMailError):
            assert read_mail(head + raw).text


def test_threads_hold_together_whatever_the_order() -> None:
    def mail(name: str, *references: str) -> str:
        refs = " ".join(f"<{ref}>" for ref in references)
        return threads.place(read_mail(f"Message-ID: <{name}>\nReferences: {refs}\n\nwords".encode()))

    threads = Threads()
    late = mail("c", "a", "b")
    assert {late, mail("b", "a"), mail("a"), mail("d", "c")} == {id_of("a")}
    alone = mail("z", "y")
    assert mail("y") == alone == id_of("y")
    known = Threads(lambda native: "T" if native == id_of("old") else None)
    assert known.place(read_mail(b"Message-ID: <n>\nIn-Reply-To: <old>\n\nwords")) == "T"


def test_only_a_line_before_headers_parts_two_mails() -> None:
    mbox = (
        b"From a at x  Mon Nov  2 10:00:00 2026\nSubject: 1\n\nOne.\n\nFrom 2026 on, we pay.\nMore.\n>From here.\n"
        b"\nFrom b at x  Mon Nov  2 11:00:00 2026\nSubject: 2\n\nTwo.\n"
    )
    found = list(messages(io.BytesIO(mbox)))
    assert [line for line, _ in found] == [1, 10]
    assert b"From 2026 on, we pay.\nMore.\nFrom here." in found[0][1]
    assert found[1][1].endswith(b"Two.\n")


def test_gzip_is_unpacked_within_a_limit() -> None:
    two = gzip.compress(b"one ") + gzip.compress(b"two")
    assert unpacked(two) == b"one two"
    assert unpacked(b"plain") == b"plain"
    assert b"x" * 900 in unpacked(gzip.compress(b"x" * 1_000)[:-8]), "cut short"
    with pytest.raises(NotUnderstoodError, match="more than 1 MB"):
        unpacked(gzip.compress(b"\0" * 2_000_000), limit=1_000_000 + 48_576)
    with pytest.raises(NotUnderstoodError, match="broken"):
        unpacked(b"\x1f\x8b\x08nothing of the kind")


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("2026-November.txt.gz", (2026, 12)),
        ("2026-December.txt", (2027, 1)),
        ("valves-202602.mbox", (2026, 3)),
        ("Week-of-Mon-20261130.txt.gz", (2027, 1)),
        ("2025q4.txt.gz", (2026, 1)),
        ("2024.txt.gz", (2025, 1)),
    ],
)
def test_a_file_name_tells_its_stretch_of_time(name: str, until: tuple[int, int]) -> None:
    assert until_of(name) == datetime(*until, 1, tzinfo=UTC)
    assert until_of("all.mbox") is None


def test_a_hyperkitty_list_is_known_by_its_address() -> None:
    found = ListAddress.of("https://lists.example.test/archives/list/dev%40example.test/")
    assert found == ListAddress("https://lists.example.test/archives", "dev@example.test")
    assert ListAddress.of("https://x.test/api/list/dev@example.test/") == ListAddress(
        "https://x.test", "dev@example.test"
    )
    assert ListAddress.of("https://x.test/pipermail/dev/") is None
    urls = [
        archive.url for archive in found.exports(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    ]
    assert [url.rsplit("?", 1)[1] for url in urls] == [
        "start=2026-10-01&end=2026-11-01",
        "start=2026-11-01&end=2026-12-01",
    ]


def test_subjects_lose_their_prefixes_but_not_everything() -> None:
    assert bare_subject("Re: AW: [list] Re[2]: Prices") == "Prices"
    assert bare_subject("Re:") == "Re:"

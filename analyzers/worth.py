"""Which posts are worth a person's time: complaints that nobody of the brand answered, praise, and words of accounts.

Pure. Only own brands have complaints and advocates, and only posts that name the brand or open a thread about it are
such: what a reply without a name means is too unsure to act on. Accounts are brands with the role `target`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analyzers.aims import is_staff
from tocsin.store.records import WORTH_FOR, Aimed, BrandRole, JudgedPost, ThreadPost, Worth, WorthKind

CIVIL = 0.5
"""A complaint with this hostility or more (0..1) is not answered in person."""
SURELY = 0.7
"""From this probability on a post is answered or thanked for: a reply to somebody who only asked would look silly."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom we know: each brand's role and accounts (casefolded, see `analyzers.aims.aims`), and how long to wait.

    `unanswered`: a complaint is worth a personal reply when nobody of the brand answered it for so long.
    """

    roles: Mapping[str, BrandRole] = field(default_factory=dict)
    staff: Mapping[str, Collection[str]] = field(default_factory=dict)
    unanswered: timedelta = timedelta(hours=24)


NOBODY = Known()


def worth_a_person(
    posts: Mapping[str, Sequence[JudgedPost]],
    told: Sequence[Aimed],
    later: Sequence[ThreadPost],
    known: Known,
    at: datetime,
    *,
    busy: Collection[str] = (),
) -> list[Worth]:
    """Return what is worth a person's time at `at`, of the last 7 days, each post once a brand and kind.

    `posts` and `told` are parallel (`aims`). `later`: posts of the threads in question, for answers. Threads in `busy`
    carry a backlash: what to say there is not a matter of single replies, and praise is often meant otherwise.
    """
    answers = _answers(later, known)
    aimed = iter(told)
    opening = _openings(posts)
    found = {}
    for brand, rows in posts.items():
        own = known.roles.get(brand, "own") == "own"
        for post, aim in zip(rows, aimed, strict=False):
            if not own or not at - WORTH_FOR < post.created_at <= at or post.thread_id in busy:
                continue
            about = post.via == "text" or post.post_id in opening
            kind = _kind(post, aim) if about else None
            answered = _answered_at(post, answers.get((brand, post.thread_id), ()))
            soon = kind == "complaint" and (answered or at) - post.created_at < known.unanswered
            if kind is not None and not soon:
                found[post.post_id, brand, kind] = Worth(post.post_id, brand, kind, at, answered)
    return [*found.values(), *_of_accounts(posts, known, at)]


def asked_threads(posts: Mapping[str, Sequence[JudgedPost]], told: Sequence[Aimed], at: datetime) -> frozenset[str]:
    """Return the threads in which an answer matters: those with a complaint or praise of the last 7 days."""
    aimed = iter(told)
    return frozenset(
        post.thread_id
        for rows in posts.values()
        for post, aim in zip(rows, aimed, strict=False)
        if aim.aim == "brand" and aim.manner and at - WORTH_FOR < post.created_at <= at
    )


def _kind(post: JudgedPost, aim: Aimed) -> WorthKind | None:
    """Return what a post on an own brand is worth, None for nothing."""
    if aim.staff or aim.aim != "brand":
        return None
    if aim.manner == "praise":
        return "advocate" if (post.positive or 0.0) >= SURELY else None
    civil = (post.hostility or 0.0) < CIVIL
    return "complaint" if aim.manner is not None and civil and (post.negative or 0.0) >= SURELY else None


def _of_accounts(posts: Mapping[str, Sequence[JudgedPost]], known: Known, at: datetime) -> list[Worth]:
    """Return what accounts we sell to write on any brand, and what is written of one of them and an own brand."""
    own = [brand for brand in posts if known.roles.get(brand, "own") == "own"]
    names_own = {post.post_id for brand in own for post in posts[brand] if post.via == "text"}
    everybody = frozenset(account for accounts in known.staff.values() for account in accounts)
    found = []
    for target in [brand for brand in posts if known.roles.get(brand) == "target"]:
        people = known.staff.get(target, ())
        recent = [post for rows in posts.values() for post in rows if at - WORTH_FOR < post.created_at <= at]
        of_it = (post for post in recent if post.brand == target and post.via == "text")
        with_us = names_own & {post.post_id for post in of_it if not is_staff(post.author_id, everybody)}
        theirs = {post.post_id for post in recent if is_staff(post.author_id, people)}
        found += [Worth(post_id, target, "account", at) for post_id in sorted(with_us | theirs)]
    return found


def _openings(posts: Mapping[str, Sequence[JudgedPost]]) -> frozenset[str]:
    """Return the oldest post of each thread: its title names the brand where it does not itself."""
    first: dict[str, JudgedPost] = {}
    for rows in posts.values():
        for post in rows:
            known = first.setdefault(post.thread_id, post)
            if (post.created_at, post.post_id) < (known.created_at, known.post_id):
                first[post.thread_id] = post
    return frozenset(post.post_id for post in first.values())


def _answers(later: Sequence[ThreadPost], known: Known) -> dict[tuple[str, str], list[ThreadPost]]:
    found: dict[tuple[str, str], list[ThreadPost]] = defaultdict(list)
    for brand, accounts in known.staff.items():
        for post in later:
            if is_staff(post.author_id, accounts):
                found[brand, post.thread_id].append(post)
    return found


def _answered_at(post: JudgedPost, answers: Sequence[ThreadPost]) -> datetime | None:
    """Return when the brand's people first wrote below a post, or later in its thread."""
    return min((answer.created_at for answer in answers if _answers_it(answer, post)), default=None)


def _answers_it(answer: ThreadPost, post: JudgedPost) -> bool:
    return answer.parent_id == post.post_id or answer.created_at > post.created_at

"""The sample community, made up from a seed: what its sites would serve, and the truth about it.

The same `seed` and `now` give the same community; another seed gives other people, other weeks, another scandal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.demo.draft import PLACES, DraftRemark, DraftTalk, Place
from tocsin.demo.incidents import Incident, attention, campaign, quarrel
from tocsin.demo.ordinary import DAYS, ordinary
from tocsin.demo.phrases import read_material, stream
from tocsin.demo.storm import Storm
from tocsin.demo.storm import pile_on as storm_of
from tocsin.demo.voice import Voice, population
from tocsin.store.records import Engagement, Post, Thread

FIRST_NUMBER = {"forum": 20_411, "blog": 318, "news": 41_200_507}


@dataclass(frozen=True, slots=True)
class Remark:
    """One post on a site. `parent` is the number of the post it answers, None for the one that opens the thread."""

    number: int
    author: str
    at: datetime
    text: str
    parent: int | None
    likes: int
    edited_at: datetime | None
    part: str
    tone: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One thread on a site; `remarks` in the order of time, the first opens it. `link`: what a news story points at."""

    place: Place
    number: int
    title: str
    remarks: tuple[Remark, ...]
    link: str | None

    @property
    def first_at(self) -> datetime:
        """When it was opened."""
        return self.remarks[0].at

    @property
    def path(self) -> str:
        """Its address on its site, without host."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        if self.place == "forum":
            return f"/forum/thread/{slug}.{self.number}/"
        if self.place == "blog":
            return f"/blog/{self.first_at:%Y/%m}/{slug}-{self.number}/"
        return f"/item?id={self.number}"

    @property
    def id(self) -> str:
        """Its id in the store after a crawl: a forum thread is known by its address, others by their opening post."""
        return f"{self.place}:{self.path.rstrip('/') if self.place == 'forum' else self.number}"

    def post_id(self, number: int) -> str:
        """Return a post's id in the store after a crawl."""
        return f"{self.id}#{number}" if self.place == "forum" else f"{self.place}:{number}"

    @property
    def last_at(self) -> datetime:
        """When the latest post was written."""
        return self.remarks[-1].at


@dataclass(frozen=True, slots=True)
class Community:
    """Everything the three sites hold at `now`, and what a good observer should find in it.

    `pile_on_topic` and `pile_on_onset` are None where no pile-on was asked for. Author handles are
    those of the forum for the campaign and the quarrel. Posts name their part of the truth in `Remark.part`.
    """

    seed: int
    now: datetime
    brand: str
    rivals: tuple[str, ...]
    talks: tuple[Talk, ...]
    pile_on_topic: str | None
    pile_on_onset: datetime | None
    attention_topic: str
    attention_at: datetime
    campaign_brand: str
    campaign_at: datetime
    campaign_authors: tuple[str, ...]
    quarrel_thread_id: str
    quarrel_at: datetime
    quarrel_authors: tuple[str, ...]

    def of(self, place: Place) -> tuple[Talk, ...]:
        """Return the threads of one site, oldest first."""
        return tuple(talk for talk in self.talks if talk.place == place)

    def ids_of(self, part: str) -> tuple[str, ...]:
        """Return the post ids of one part of the truth: `pile_on`, `attention`, `campaign`, `quarrel`, `talk`."""
        return tuple(
            talk.post_id(remark.number) for talk in self.talks for remark in talk.remarks if remark.part == part
        )

    def posts(self) -> list[Post]:
        """Return every post as a complete crawl would give it, without addresses, oldest first."""
        found = [_post(talk, place, self.now) for talk in self.talks for place in range(len(talk.remarks))]
        return sorted(found, key=lambda post: (post.created_at or self.now, post.id))


def generate(seed: int, now: datetime, material: Path, *, pile_on: bool = True) -> Community:
    """Make up the community as it stands at `now` (aware), with the word lists in `material`.

    Raises OSError or tomllib.TOMLDecodeError when `material` cannot be read.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    lists = read_material(material)
    people = population(seed, lists)

    def voice(part: str) -> Voice:
        return Voice(seed, part, lists, people)

    days = _days(seed, now)
    usual = ordinary(voice("ordinary"), lists, now)
    noise = {
        "attention": attention(voice("attention"), lists, days["attention"]),
        "campaign": campaign(voice("campaign"), lists, days["campaign"]),
        "quarrel": quarrel(voice("quarrel"), lists, days["quarrel"]),
    }
    storm = storm_of(voice("storm"), lists, now) if pile_on else None
    drafts = [
        *usual,
        *(talk for incident in noise.values() for talk in incident.talks),
        *(storm.talks if storm else ()),
    ]
    return _community(seed, now, lists["names"], _numbered(drafts, now), storm, noise)


def _days(seed: int, now: datetime) -> dict[str, datetime]:
    rng = stream(seed, "days")
    attention_day = rng.randint(4, 13)
    campaign_day = rng.choice([day for day in range(4, 22) if abs(day - attention_day) > 2])
    quarrel_day = rng.choice(
        [day for day in range(4, 28) if min(abs(day - attention_day), abs(day - campaign_day)) > 2]
    )
    midnight = now.replace(hour=0, minute=0, second=0)
    chosen = {"attention": attention_day, "campaign": campaign_day, "quarrel": quarrel_day}
    return {part: midnight - timedelta(days=day) for part, day in chosen.items()}


def _numbered(drafts: list[DraftTalk], now: datetime) -> dict[DraftTalk, Talk]:
    """Cut off what lies after `now` or before the six weeks, and number posts and threads in the order of time."""
    since = now - timedelta(days=DAYS)
    rng = stream(0, "numbers")
    kept: dict[DraftTalk, list[DraftRemark]] = {}
    for draft in drafts:
        remarks = sorted((one for one in draft.remarks if since <= one.at < now), key=lambda one: one.at)
        if remarks and remarks[0] is draft.remarks[0]:
            kept[draft] = remarks
    numbers: dict[DraftRemark, int] = {}
    for place in PLACES:
        number = FIRST_NUMBER[place]
        for remark in sorted((r for d, rs in kept.items() if d.place == place for r in rs), key=lambda one: one.at):
            numbers[remark] = number
            number += rng.randint(1, 40) if place == "news" else 1
    talks: dict[DraftTalk, Talk] = {}
    for draft, remarks in kept.items():
        own = numbers[draft.remarks[0]]
        fixed = tuple(_fixed(remark, numbers, now) for remark in remarks)
        talks[draft] = Talk(draft.place, own, draft.title, fixed, draft.link)
    return dict(sorted(talks.items(), key=lambda item: (item[1].remarks[0].at, item[1].number)))


def _fixed(remark: DraftRemark, numbers: dict[DraftRemark, int], now: datetime) -> Remark:
    parent = None if remark.parent is None else numbers[remark.parent]
    edited = remark.edited_at if remark.edited_at and remark.edited_at < now else None
    return Remark(
        number=numbers[remark],
        author=remark.author,
        at=remark.at.replace(microsecond=0),
        text=remark.text,
        parent=parent,
        likes=max(0, remark.likes),
        edited_at=edited,
        part=remark.part,
        tone=remark.tone,
    )


def _community(
    seed: int,
    now: datetime,
    names: dict[str, Any],
    talks: dict[DraftTalk, Talk],
    storm: Storm | None,
    noise: dict[str, Incident],
) -> Community:
    row = noise["quarrel"]
    row_talk = talks[row.talks[0]]
    return Community(
        seed=seed,
        now=now,
        brand=names["own"],
        rivals=tuple(names["rivals"]),
        talks=tuple(talks.values()),
        pile_on_topic=storm.key if storm else None,
        pile_on_onset=storm.onset if storm else None,
        attention_topic=noise["attention"].key,
        attention_at=noise["attention"].at,
        campaign_brand=noise["campaign"].brand,
        campaign_at=noise["campaign"].at,
        campaign_authors=noise["campaign"].accounts,
        quarrel_thread_id=row_talk.id,
        quarrel_at=row.at,
        quarrel_authors=row.accounts,
    )


def _post(talk: Talk, position: int, now: datetime) -> Post:
    remark = talk.remarks[position]
    opens, forum = position == 0, talk.place == "forum"
    # As the sites show them: likes on the forum and of news stories, replies of news stories and blog posts.
    likes = remark.likes if forum or (opens and talk.place == "news") else None
    replies = len(talk.remarks) - 1 if opens and not forum else None
    return Post(
        id=talk.post_id(remark.number),
        source=talk.place,
        thread=Thread(talk.id, talk.place, talk.title, None, talk.first_at),
        text=remark.text,
        created_at=remark.at,
        author=remark.author,
        parent_id=None if remark.parent is None else talk.post_id(remark.parent),
        position=position,
        edited_at=remark.edited_at if forum else None,
        engagement=None if likes is None and replies is None else Engagement(now, likes=likes, replies=replies),
    )

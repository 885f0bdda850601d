"""A file to replay: its posts, whom they speak of, and the labels that it gives. Nothing goes into a store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from analyzers.aims import ANGRY
from analyzers.brand_rules import BrandRules, compile_rules
from analyzers.mentions import find_mentions
from analyzers.post_arrays import micros
from crawler.errors import ImportFileError
from crawler.extract.date_forms import Order, numeric_order
from crawler.import_files import rows_of
from crawler.import_rows import RowError, post_of, source_of
from crawler.mails import Mail, Threads
from crawler.mails import post_of as post_of_mail
from crawler.posting import InvalidPostError, identified, validated
from tocsin.replay_columns import LABELS, ReplayColumns, probability
from tocsin.store.records import JudgedPost, Post

BAD_SHOWN = 5
NEGATIVE = 0.5
KNOWN_SHARE = 0.5
"""Share of the negative rows that must say if they are hostile; with fewer nothing is known of anger (gate D)."""
TOLD_EVERY = 5_000
ORDER_ROWS = 20_000
"""Rows that are looked at for the order of numeric dates."""
_NUMERIC_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b")


@dataclass
class ReplayFile:
    """What a file holds. `posts` by their id; `negative`, `hostile`: given labels by id (None: the cell was empty).

    `bad` counts the rows left out, `bad_lines` names some. `anger_unknown`: why a column `hostile` was not used.
    """

    posts: dict[str, Post] = field(default_factory=dict)
    negative: dict[str, float | None] = field(default_factory=dict)
    hostile: dict[str, float | None] = field(default_factory=dict)
    rows: int = 0
    bad: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    anger_unknown: str | None = None

    @property
    def labelled(self) -> bool:
        """Whether the file says which posts are negative."""
        return bool(self.negative)

    def written(self) -> dict[str, list[int]]:
        """Return source -> when its posts were written, microseconds since 1970."""
        times: dict[str, list[int]] = {}
        for post in self.posts.values():
            times.setdefault(post.source, []).append(micros(_time(post)))
        return times


@dataclass(frozen=True, slots=True)
class SpokenOf:
    """The posts of a file on each brand (tones not yet parted by brand), and the alias that named it.

    `named`: how many speak of the brand that was asked for.

    `all_taken`: none did (or it was asked so), and every post is taken to be about it.
    """

    posts: Mapping[str, Sequence[JudgedPost]]
    aliases: Mapping[tuple[str, str], str]
    named: int
    all_taken: bool


def read_file(
    path: Path, source: str, columns: Mapping[str, str] | None = None, progress: Callable[[int], None] | None = None
) -> ReplayFile:
    """Read every row that is a post. Raises `ImportFileError` for a file that cannot be read or lacks columns.

    `columns`: the file's names for ours, as `sources.columns`. `progress` is told the rows read.
    """
    found, threads, known = ReplayFile(), dict[str, str](), ReplayColumns.of(columns or {})
    lists, now = Threads(lambda _: None), datetime.now(UTC)
    order = known.order or _order_of(path, known)
    for line, row in rows_of(path, known):
        found.rows += 1
        if progress and found.rows % TOLD_EVERY == 0:
            progress(found.rows)
        try:
            if isinstance(row, RowError):
                raise row
            if isinstance(row, Mail):
                of, told = source, post_of_mail(row, lists.place(row))
            else:
                of, told = source_of(row, source), post_of(row, threads, order=order, best=known.best)
            labels = {} if isinstance(row, Mail) else {name: probability(row, name) for name in LABELS if name in row}
            # Equal rows stay two posts: a time told to the minute does not tell two copies apart.
            told.native_id = told.native_id or f"row-{line:09d}"
            post = identified(validated(told), of, now)
            if post.created_at is None:
                raise RowError("created_at is before 1990")
        except (RowError, InvalidPostError) as error:
            found.bad += 1
            if len(found.bad_lines) < BAD_SHOWN:
                found.bad_lines.append((line, str(error)))
            continue
        found.posts[post.id] = post
        if "negative" in labels:
            found.negative[post.id] = labels["negative"]
        if "hostile" in labels:
            found.hostile[post.id] = labels["hostile"]
    if found.rows and not found.posts:
        line, reason = found.bad_lines[0]
        raise ImportFileError(f"{path}: none of its {found.rows} rows could be read; line {line}: {reason}")
    found.anger_unknown = _why_unknown(found)
    if found.anger_unknown:
        found.hostile = {}
    return found


def _order_of(path: Path, columns: ReplayColumns) -> Order | None:
    """Return how the file orders dates like 04/10/2026, None where it writes none such: a number above 12 tells.

    Raises `ImportFileError` where a whole file leaves it open: every date would be a guess.
    """
    cells = [str(row.get("created_at") or "") for _, row in islice(rows_of(path, columns), ORDER_ROWS)
             if isinstance(row, Mapping)]  # fmt: skip
    numeric = [cell for cell in cells if _NUMERIC_DATE.match(cell.strip())]
    if not numeric:
        return None
    if numeric_order(numeric, None, "US") != numeric_order(numeric, None, "GB"):
        raise ImportFileError(
            f"{path}: dates like {numeric[0].strip()!r} can be read in two ways, and no row tells which;"
            " write 2026-11-22T06:00:00Z"
        )
    return numeric_order(numeric, None, None)


def _why_unknown(found: ReplayFile) -> str | None:
    """Return why the column `hostile` says nothing, None when it does, or is not there.

    A column that a tool filled with zeros would else turn every pile-on into civil criticism.
    """
    said = [value for value in found.hostile.values() if value is not None]
    if not found.hostile:
        return None
    if not said:
        return "it is empty in every row"
    if 2 * max(said) < ANGRY:
        return "no row of it is hostile"
    blaming = [post for post, value in found.negative.items() if value is not None and value >= NEGATIVE]
    known = sum(found.hostile.get(post) is not None for post in blaming)
    if known < KNOWN_SHARE * len(blaming):
        return f"it is given for {known} of {len(blaming)} negative rows"
    return None


def spoken_of(found: ReplayFile, rules: Sequence[BrandRules], brand: str, *, everything: bool = False) -> SpokenOf:
    """Return which posts speak of which brand of `rules`, oldest first, with the labels that the file gives.

    A post speaks of a brand by its own words, or because its thread's title or opening names it.
    """
    compiled, openings, titles = compile_rules(rules), _openings(found.posts.values()), _titles(found.posts.values())
    posts: dict[str, list[JudgedPost]] = {rule.name: [] for rule in rules}
    aliases: dict[tuple[str, str], str] = {}
    ordered = sorted(found.posts.values(), key=lambda post: (_time(post), post.id))
    if not everything:
        for post in ordered:
            opening = openings[post.thread.id]
            first = "" if opening.id == post.id else opening.text
            for mention in find_mentions(post.text, titles.get(post.thread.id, ""), first, compiled):
                posts[mention.brand].append(_judged(post, mention.brand, mention.via, found))
                aliases[post.id, mention.brand] = mention.alias
    named = len(posts[brand])
    if not named:
        posts[brand] = [_judged(post, brand, "text", found) for post in ordered]
    return SpokenOf(posts, aliases, named, all_taken=not named)


def _judged(post: Post, brand: str, via: str, found: ReplayFile) -> JudgedPost:
    at, negative = _time(post), found.negative.get(post.id)
    return JudgedPost(
        post_id=post.id,
        brand=brand,
        via=via,
        source=post.source,
        thread_id=post.thread.id,
        parent_id=post.parent_id,
        author_id=None if post.author is None else f"{post.source}:{post.author}",
        created_at=at,
        first_seen_at=at,
        text=post.text,
        url=post.url,
        negative=negative,
        neutral=None if negative is None else 1 - negative,
        positive=None if negative is None else 0.0,
        hostility=found.hostile.get(post.id),
        abstained=None,
        tone=None if negative is None else "negative" if negative >= NEGATIVE else "neutral",
        post_tone=None if negative is None else "negative" if negative >= NEGATIVE else "neutral",
    )


def _openings(posts: Iterable[Post]) -> dict[str, Post]:
    first: dict[str, Post] = {}
    for post in posts:
        held = first.get(post.thread.id)
        if held is None or (_time(post), post.id) < (_time(held), held.id):
            first[post.thread.id] = post
    return first


def _titles(posts: Iterable[Post]) -> dict[str, str]:
    return {post.thread.id: post.thread.title for post in posts if post.thread.title}


def _time(post: Post) -> datetime:
    assert post.created_at is not None  # noqa: S101 (`read_file` takes no other)
    return post.created_at

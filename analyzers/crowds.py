"""Who makes an episode: a crowd, or few people and copied text. Figures for its parts, words for its reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.coordination import acting_together, usual_pace
from analyzers.copies import Copied, copied_texts, copy_numbers
from analyzers.copies_heard import of_late
from analyzers.listening import Listening
from analyzers.newcomers import GUARD_HOURS, USUAL_DAYS, came_for_it, new_share, usual_new_share

TOGETHER_ACCOUNTS = 3
TOGETHER_SHARE = 0.2
"""Accounts that act together, and the share of the posts they must have written, before that alone is a campaign."""

MANY_NEW = 0.3
"""Share of new accounts that is worth a word, when it is twice the usual."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is copied among the posts of an episode (by places in them), and who acts together.

    `new` and `usual_new`: share of accounts new to their source, now and usually; None: not known.
    """

    copied: tuple[Copied, ...] = ()
    together: tuple[frozenset[str], ...] = ()
    new: float | None = None
    usual_new: float | None = None
    few_authors: float | None = None
    posts_together: int = 0
    posts: int = 0

    @property
    def organised(self) -> tuple[int, ...]:
        """The places of the organised copies."""
        return tuple(sorted({place for text in self.copied if text.organised for place in text.places}))

    @property
    def figures(self) -> dict[str, float | int | str | None]:
        """The figures for `Episode.parts`; shares 0 to 1, None: not known."""
        return {
            "copied_posts": len({place for text in self.copied for place in text.places}),
            "copied_accounts": len(frozenset[str]().union(*(text.accounts for text in self.copied))),
            "organised_posts": len(self.organised),
            "coposting_accounts": sum(map(len, self.together)),
            "newcomer_share": _rounded(self.new),
            "usual_newcomer_share": _rounded(self.usual_new),
            "few_authors_share": _rounded(self.few_authors),
        }

    def named(self, campaign: str | None) -> str | None:
        """Return the words for a campaign, given those that its copies and authors led to; None when it is none."""
        accounts = sum(map(len, self.together))
        if accounts >= TOGETHER_ACCOUNTS and self.posts_together >= TOGETHER_SHARE * self.posts:
            met = f"{accounts} accounts post within minutes of each other again and again"
            if campaign is None:
                return f"acting together: {met}, {self.posts_together} of {self.posts} posts"
            campaign = f"{campaign}; {met}"
        if campaign is None or self.new is None or self.usual_new is None:
            return campaign
        if self.new < max(MANY_NEW, 2 * self.usual_new):
            return campaign
        return f"{campaign}; {100 * self.new:.0f} % of the accounts are new there, usual {100 * self.usual_new:.0f} %"


def crowd_of(listening: Listening, places: Sequence[int], onset: float) -> Crowd:
    """Return who made the posts at `places` of an episode that began at `onset` (hours since the origin)."""
    posts = [listening.posts[place] for place in places]
    if not posts:
        return Crowd()
    numbers = copy_numbers([post.text for post in posts])
    authors = [post.author_id for post in posts]
    count = Counter(author for author in authors if author is not None)
    first = {author: places[at] for at, author in reversed(list(enumerate(authors))) if author is not None}
    end = onset - GUARD_HOURS
    before = [listening.posts[place] for place in listening.places(end - 24 * USUAL_DAYS, end)]
    together = acting_together(posts, numbers, usual_pace(before))
    acting = frozenset[str]().union(*together)
    copied = copied_texts(
        range(len(posts)),
        authors,
        numbers,
        lambda accounts: came_for_it(listening, onset, {who: places[at] for who, at in accounts.items()}),
    )
    return Crowd(
        copied=tuple(of_late(listening, text, [places[at] for at in text.places]) for text in copied),
        together=tuple(together),
        new=new_share(listening, first),
        usual_new=usual_new_share(listening, onset),
        few_authors=sum(times for _, times in count.most_common(5)) / count.total() if count else None,
        posts_together=sum(author in acting for author in authors),
        posts=len(posts),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)

"""How many people really speak: "400 posts = 320 people, 12 wordings, the top 5 wrote 9 %".

Everything here is pure and does not depend on the order of the posts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyzers.copies import Copied, copied_texts, copy_numbers
from analyzers.wordings import wordings
from tocsin.store.records import JudgedPost, Voices

COPIED_SHARE = 0.2
"""Share of the posts that copied wordings must make up before the whole is named a campaign."""
FEW_POSTS = 20
FEW_SHARE = 0.6
"""Few-author campaign: at least 20 posts of which the top 5 wrote 60 %, at four or more posts each."""


def count_voices(posts: Sequence[JudgedPost], copied: Sequence[Copied] | None = None) -> Voices:
    """Count the people behind `posts`, the wordings, and name a campaign if there is one.

    `copied`: the texts that several accounts posted, by places in `posts`; None: look for them here, without asking
    who came new.

    Unknown authors give bounds: `low` counts them as one person together (and as none when a known
    author wrote too, who may be that person), `high` each as another.
    """
    if not posts:
        return Voices(0, 0, 0, 0, 0.0)
    if copied is None:
        posts = sorted(posts, key=lambda post: post.post_id)
        copied = copied_among(posts)
    ordered = sorted(posts, key=lambda post: post.post_id)
    labels = wordings([post.text for post in ordered])
    by_author = Counter(post.author_id for post in ordered if post.author_id is not None)
    unknown = sum(post.author_id is None for post in ordered)
    top5 = sum(count for _, count in by_author.most_common(5))
    known = sum(by_author.values())
    return Voices(
        posts=len(ordered),
        low=len(by_author) or 1,
        high=len(by_author) + unknown,
        wordings=len(set(labels)),
        top5_share=round(top5 / known, 4) if known else 0.0,
        campaign=_campaign(posts, by_author, copied),
    )


def copied_among(posts: Sequence[JudgedPost]) -> list[Copied]:
    """Return the texts that several accounts posted, by places in `posts`."""
    numbers = copy_numbers([post.text for post in posts])
    return copied_texts(range(len(posts)), [post.author_id for post in posts], numbers)


def quarrellers(posts: Sequence[JudgedPost]) -> frozenset[str]:
    """Return the people who fight among themselves in a thread, given all posts of that thread.

    DESIGN: when somebody wrote over 20 % of the posts it is a quarrel, not a pile-on. A support
    agent who answers everybody does that too, so the rule asks for a second one: the two busiest
    people wrote at least half of at least six posts, with three or more each. Only these two are
    left out of the count; bystanders stay voices.
    """
    by_author = Counter(post.author_id for post in posts if post.author_id is not None)
    top = sorted(by_author.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    if len(posts) < 6 or len(top) < 2 or top[1][1] < 3 or sum(count for _, count in top) * 2 < len(posts):
        return frozenset()
    return frozenset(author for author, _ in top)


def _campaign(posts: Sequence[JudgedPost], by_author: Counter[str], copied: Sequence[Copied]) -> str | None:
    organised = [text for text in copied if text.organised]
    pasted = {place for text in organised for place in text.places}
    if pasted and len(pasted) >= COPIED_SHARE * len(posts):
        accounts = len(frozenset[str]().union(*(text.accounts for text in organised)))
        kinds = len(set(wordings([posts[place].text for place in sorted(pasted)])))
        texts = "one wording" if kinds == 1 else f"{kinds} wordings"
        return f"copy-paste: {len(pasted)} of {len(posts)} posts, by {accounts} accounts, are {texts}"
    top5 = by_author.most_common(5)
    wrote = sum(count for _, count in top5)
    if len(posts) >= FEW_POSTS and wrote >= FEW_SHARE * len(posts) and wrote >= 4 * len(top5):
        share = round(100 * wrote / len(posts))
        return f"few authors: {len(top5)} people wrote {share} % of {len(posts)} posts"
    return None

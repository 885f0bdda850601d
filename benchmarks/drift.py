"""Is the clause named that was garbled on the way, and the post where it first changed.

    .venv/bin/python benchmarks/drift.py [--seeds 20] [--json]

Made-up crowds: a claim in several wordings (with openers, replies, typos, copies, quotes of the original), among three
times as many complaints, questions and jokes with numbers, names, hedges and negations of their own. In half of them
the claim changes on the way, by one of the kinds below. The peer is what a word count can do: of the words first used
after an eighth of the posts the one most used, and the post of its first use.

Printed for each kind: in how many crowds a changed clause is named, in how many it is the planted one, in how many the
post is exactly the first that changed; and in how many crowds without any change one is named all the same. The claims
in `benchmarks/drift_claims.py` marked `held` were not run before the settings were frozen.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from drift_claims import CLAIMS, NOISE, OPENERS, TAILS, Claim

from analyzers.drift import drift
from analyzers.wordings import words
from tocsin.store.records import JudgedPost

BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOISE_TIMES = 3


@dataclass(frozen=True, slots=True)
class Crowd:
    """Posts, and what was planted: the first changed post (None: nothing changed) and the words of the change."""

    posts: list[JudgedPost]
    first: str | None
    new: str
    old: str


def crowd(claim: Claim, rng: Random, *, garbled: bool) -> Crowd:
    """Make up a crowd of 25 to 60 who pass on `claim`, among three times as many others, in order of time."""
    size = rng.randint(25, 60)
    turn = rng.randint(max(3, size // 6), size // 2) if garbled else size
    told: list[tuple[str, bool]] = []
    for number in range(size):
        changed = number >= turn and (number == turn or rng.random() < 0.75)
        told.append(_told(claim, told, rng, changed=changed))
    texts = told + [(_noise(rng), False) for _ in range(NOISE_TIMES * size)]
    order = list(range(len(texts)))
    rng.shuffle(order)
    claims = iter(range(size))
    # The claim keeps its order; the noise falls between.
    order = [next(claims) if place < size else place for place in order]
    posts = [_post(number, texts[place][0], rng) for number, place in enumerate(order)]
    first = next((post.post_id for post, place in zip(posts, order, strict=True) if texts[place][1]), None)
    return Crowd(posts, first, claim.new, claim.old)


def _told(claim: Claim, told: list[tuple[str, bool]], rng: Random, *, changed: bool) -> tuple[str, bool]:
    """Return a post that tells the claim, and whether it tells it changed: a quote of the first post does not."""
    slot, chance = claim.new if changed else claim.old, rng.random()
    first_change = changed and not any(new for _, new in told)
    if told and chance < 0.12 and not first_change:
        return f"> {told[0][0]}\n{rng.choice(TAILS)}", False
    same = [text for text, new in told if new == changed and not text.startswith(">")]
    if same and chance < 0.25:
        return rng.choice(same), changed
    text = rng.choice(claim.wordings).format(slot)
    text = f"{rng.choice(OPENERS)}{text[0].upper()}{text[1:]}"
    if rng.random() < 0.6:
        text += f" {rng.choice(TAILS)}"
    return (_typo(text, slot, rng) if rng.random() < 0.15 else text), changed


def _typo(text: str, slot: str, rng: Random) -> str:
    """Swap two letters of one long word that is not what may change."""
    pieces = text.split(" ")
    long = [i for i, word in enumerate(pieces) if len(word) > 5 and word.isalpha() and word not in slot]
    if long:
        at = rng.choice(long)
        letters, swap = list(pieces[at]), rng.randint(1, len(pieces[at]) - 3)
        letters[swap], letters[swap + 1] = letters[swap + 1], letters[swap]
        pieces[at] = "".join(letters)
    return " ".join(pieces)


def _noise(rng: Random) -> str:
    text = rng.choice(NOISE)
    while "{n}" in text:
        text = text.replace("{n}", str(rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90))), 1)
    return f"{text} {rng.choice(TAILS)}" if rng.random() < 0.4 else text


def _post(number: int, text: str, rng: Random) -> JudgedPost:
    at = BEGIN + timedelta(minutes=2 * number)
    return JudgedPost(
        post_id=f"f:{number:04d}",
        brand="Acme",
        via="text",
        source="f",
        thread_id=f"f:t{rng.randint(1, 4)}",
        parent_id=None,
        author_id=f"f:a{rng.randint(1, 400)}",
        created_at=at,
        first_seen_at=at,
        text=text,
        url=None,
        negative=None,
        neutral=None,
        positive=None,
        hostility=None,
        abstained=None,
    )


def by_word_count(posts: list[JudgedPost]) -> tuple[str, str] | None:
    """Return (word, first post) of the word most used since its first use in the second third of the posts or later."""
    first: dict[str, int] = {}
    uses: Counter[str] = Counter()
    for place, post in enumerate(posts):
        for word in dict.fromkeys(words(post.text)):
            first.setdefault(word, place)
            uses[word] += 1
    late = [word for word, place in first.items() if place > len(posts) / 8]
    best = max(late, key=lambda word: (uses[word], word), default=None)
    return None if best is None else (best, posts[first[best]].post_id)


def main(arguments: list[str] | None = None) -> int:
    """Run every claim with every seed, with and without its change, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", choices=("open", "held", "all"), default="all")
    parser.add_argument("--verbose", action="store_true", help="print what was wrong")
    asked = parser.parse_args(arguments)
    shares: dict[str, Counter[str]] = defaultdict(Counter)
    began, seen = time.perf_counter(), 0
    for claim in CLAIMS:
        part = "held" if claim.held else "open"
        if asked.part not in (part, "all"):
            continue
        for seed in range(asked.seeds):
            for garbled in (True, False):
                made = crowd(claim, Random(f"{claim.wordings[0]} {seed} {garbled}"), garbled=garbled)
                found = [told for told in drift(made.posts) if told.added or told.lost]
                seen += len(made.posts)
                row = shares[f"{part}, {claim.kind if garbled else 'no change'}"]
                row["crowds"] += 1
                row["named"] += bool(found)
                if not garbled:
                    row["peer"] += by_word_count(made.posts) is not None
                    if found and asked.verbose:
                        print("FALSE", claim.kind, seed, found)
                    continue
                right = [told for told in found if claim.changed(told.added, told.lost)]
                exact = any(told.post_id == made.first for told in right)
                row["clause"] += bool(right)
                row["first post"] += exact
                row["one more"] += len(found) > 1
                peer = by_word_count(made.posts)
                row["peer"] += peer is not None and peer[1] == made.first
                if asked.verbose and not exact:
                    said = next(post.text for post in made.posts if post.post_id == made.first)
                    print("MISSED", claim.kind, seed, made.first, repr(said), found)
    _print(shares, seen, time.perf_counter() - began, as_json=asked.json)
    return 0


def _print(shares: dict[str, Counter[str]], posts: int, seconds: float, *, as_json: bool) -> None:
    if as_json:
        json.dump({"rows": shares, "posts": posts, "seconds": round(seconds, 2)}, sys.stdout, indent=2)
        return
    names = ("crowds", "named", "clause", "first post", "one more", "peer")
    print(f"{'':28}" + "".join(f"{name:>12}" for name in names))
    for kind in sorted(shares):
        print(f"{kind:28}" + "".join(f"{shares[kind][name]:>12}" for name in names))
    print(f"{posts} posts in {seconds:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main())

"""Made-up crowds for voices.py: what a campaign looks like, and what only looks like one. All texts are our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.store.records import JudgedPost

Scene = Callable[[np.random.Generator], list[JudgedPost]]

START = datetime(2026, 9, 1, tzinfo=UTC)
EVENT = START + timedelta(days=44, hours=9)
ZONE = ZoneInfo("Europe/Berlin")
LONG_AGO = START - timedelta(days=400)
LEAD = (
    "Honestly",
    "Well",
    "Hm",
    "For the record",
    "Just so you know",
    "Third time this month",
    "As usual",
    "Sorry but",
)
WHO = ("our plant", "my team", "the night shift", "the whole site", "our customer", "the lab", "our integrator", "I")
WHAT = ("lost a day", "had to roll back", "sat in the dark", "missed a shipment", "restarted everything twice",
        "called support in vain", "went back to paper", "rewrote the export")  # fmt: skip
WHY = ("because the update broke the login", "since the licence server is down", "after they raised the price",
       "when the gateway dropped all values", "as nobody tested the release", "thanks to the new billing",
       "because the backup was empty", "after the certificate ran out")  # fmt: skip
END = ("never again", "we are looking elsewhere", "who decided this?", "refund please", "that is not acceptable",
       "I am tired of it", "what a mess", "somebody should answer for this")  # fmt: skip
COPY = "Share this everywhere: the company sold the data of every single customer to a broker last week"
QUOTED = "We see no reason to inform customers about an incident of this size at this point in time"
PETITION = (
    "We, the undersigned, ask Acme to take back the new licence terms, to keep the old version alive for two years"
    " and to talk with the people who run their plants on it before it changes anything again"
)
RELEASE = (
    "Acme today announced that it will end support for the second generation of its gateways in March and that"
    " customers can move to the new cloud service at a reduced price until the end of the year"
)
POOL = (
    "The gateway of Acme fails every single night at two", "Nobody at their support desk ever picks up the phone",
    "We lost a whole week of production data again", "Do not renew your contract with this company now",
    "Their new pricing is a slap in the face of customers", "I would never recommend this vendor to anyone else",
    "Ask for your money back as long as you can",
)  # fmt: skip
SPUN = (
    ("Really", "Truly", "Honestly", "Deeply"), ("disappointed", "let down", "fed up", "annoyed"),
    ("by Acme and",), ("this", "their", "the", "that"), ("new",), ("gateway", "product", "box", "device"),
    ("which",), ("fails", "breaks", "dies", "stops"), ("every night since the update and nobody in",),
    ("support", "service", "sales", "marketing"), ("ever",), ("answers", "replies", "cares", "reacts"),
    ("to any of us about it",),
)  # fmt: skip


def quiet_days(rng: np.random.Generator, days: int) -> list[JudgedPost]:
    """Return some days of ordinary talk, five posts a day, one of them negative, by sixty regulars."""
    found = []
    for day in range(days):
        for tone in ("negative", "neutral", "neutral", "positive", "neutral"):
            at = START + timedelta(days=day, hours=float(rng.uniform(6, 22)))
            found.append(post(at, f"r{rng.integers(60)}", own_words(rng), f"q{day}-{rng.integers(3)}", tone))
    return found


def own_words(rng: np.random.Generator) -> str:
    """Return one of 33,000 sentences, as a person would put it."""
    lead, who, what, why, end = (str(rng.choice(words)) for words in (LEAD, WHO, WHAT, WHY, END))
    return f"{lead}, {who} {what} {why}, {end}" if rng.random() < 0.5 else f"{who} {what}. {end}, {lead}! {why}"


def post(
    at: datetime, author: str, text: str, thread: str, tone: str = "negative", source: str = "f", *, new: bool = False
) -> JudgedPost:
    """Return a post that was judged as `tone`; `new`: its author came today."""
    negative, neutral, positive = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1)}.get(tone, (0.1, 0.1, 0.8))
    return JudgedPost(
        f"{source}:{thread}-{author}-{at.timestamp():.3f}", "Acme", "text", source, f"{source}:{thread}", None,
        f"{source}:{author}", at, at, text, None, negative, neutral, positive, 0.4, None,
        author_first_seen_at=at if new else LONG_AGO, anger=0.7 if negative > 0.5 else 0.1,
    )  # fmt: skip


def spread(rng: np.random.Generator, count: int, hours: float) -> list[datetime]:
    """Return moments after the event as a rush has them: many at first."""
    return [EVENT + timedelta(hours=float(hours * part)) for part in np.sort(rng.beta(1.2, 2.5, count))]


def crowd(
    rng: np.random.Generator, count: int, people: int, hours: float, say: Callable[[int], str], new: float = 0.3
) -> list[JudgedPost]:
    """Return posts by people of whom a share of `new` came today; `say` gives the text of the n-th post."""
    fresh = rng.random(people) < new
    who = [*range(people), *rng.integers(people, size=max(0, count - people))]
    return [
        post(at, f"p{one}", say(n), f"c{rng.integers(3)}", new=bool(fresh[one]))
        for n, (at, one) in enumerate(zip(spread(rng, count, hours), rng.permutation(who), strict=True))
    ]


def few(
    rng: np.random.Generator, count: int, accounts: int, hours: float, say: Callable[[int], str], sources: int = 1
) -> list[JudgedPost]:
    """Return posts by a few old accounts in three threads a source."""
    return [
        post(at, f"k{rng.integers(accounts)}", say(n), f"k{rng.integers(3)}", source="fgh"[int(rng.integers(sources))])
        for n, at in enumerate(spread(rng, count, hours))
    ]


def copy(_: int) -> str:
    """Return the text that the copiers copy."""
    return COPY


def own(rng: np.random.Generator) -> Callable[[int], str]:
    """Return what gives everybody words of their own."""
    return lambda _: own_words(rng)


def once_each(rng: np.random.Generator, accounts: int, hours: float, text: str, *, new: bool) -> list[JudgedPost]:
    """Return one copy by each account."""
    return [
        post(at, f"s{n}", text, f"s{rng.integers(2)}", new=new) for n, at in enumerate(spread(rng, accounts, hours))
    ]


def _slots(rng: np.random.Generator) -> str:
    name, town = rng.choice(["Anna", "Ben", "Carla", "Deniz", "Eva"]), rng.choice(["Ulm", "Graz", "Bern", "Lyon"])
    return (
        f"I am {name} from {town} and after {rng.integers(2, 30)} years with Acme I can only warn everybody about their"
        f" new contract {rng.choice(['👎', '😡', ''])} https://x.example/{rng.integers(999)}"
    )


def _near(rng: np.random.Generator) -> str:
    words = COPY.split()
    words[int(rng.integers(len(words)))] = str(rng.choice(["really", "all", "now"]))
    return " ".join(words) + str(rng.choice(["", "!", " please", " 👇"]))


def _among(rng: np.random.Generator, texts: Sequence[str]) -> str:
    return str(rng.choice(list(texts)))


def _many_texts(rng: np.random.Generator) -> list[JudgedPost]:
    """Eight accounts, five texts, each account each text once, within minutes."""
    texts = [f"{own_words(rng)}. {own_words(rng)}" for _ in range(5)]
    return [
        post(EVENT + timedelta(hours=2 * n, minutes=float(rng.uniform(0, 8))), f"k{k}", text, f"m{n}")
        for n, text in enumerate(texts)
        for k in range(8)
    ]


def _again(rng: np.random.Generator, accounts: int) -> list[JudgedPost]:
    return [post(at, f"s{n}", COPY, "again") for n, at in enumerate(spread(rng, accounts, 9))]


CAMPAIGNS: dict[str, Scene] = {
    "80 copies by 6": lambda rng: few(rng, 80, 6, 14, copy),
    "80 copies by 6 in 20 minutes": lambda rng: few(rng, 80, 6, 0.33, copy),
    "60 copies by 5 over 3 days": lambda rng: few(rng, 60, 5, 72, copy),
    "60 copies by 4 in 3 sources": lambda rng: few(rng, 60, 4, 10, copy, sources=3),
    "near copies": lambda rng: few(rng, 40, 6, 12, lambda _: _near(rng)),
    "template with slots": lambda rng: few(rng, 40, 6, 12, lambda _: _slots(rng)),
    "spun words": lambda rng: few(rng, 60, 8, 12, lambda _: " ".join(_among(rng, words) for words in SPUN)),
    "spun sentences": lambda rng: few(rng, 40, 6, 12, lambda _: ". ".join(rng.permutation(POOL)[:3])),
    "short slogan": lambda rng: few(rng, 80, 6, 12, lambda _: "Acme lies, boycott Acme now"),
    "new accounts, once each": lambda rng: once_each(rng, 25, 8, COPY, new=True),
    "many texts, same accounts": _many_texts,
    "12 accounts, twice each": lambda rng: [*once_each(rng, 12, 6, COPY, new=False), *_again(rng, 12)],
    "200 copies by 40": lambda rng: few(rng, 200, 40, 24, copy),
    "few authors in a small crowd": lambda rng: [
        *few(rng, 40, 3, 12, own(rng)),
        *crowd(rng, 14, 14, 12, own(rng)),
    ],
    "copies in a pile-on": lambda rng: [
        *few(rng, 60, 6, 12, copy),
        *crowd(rng, 60, 50, 12, own(rng)),
    ],
}
CROWDS: dict[str, Scene] = {
    "400 posts by 320 people": lambda rng: crowd(rng, 400, 320, 14, own(rng)),
    "me too": lambda rng: crowd(
        rng,
        400,
        320,
        14,
        lambda n: _among(rng, ["me too", "same here", "same problem here", "+1"]) if n % 2 else own_words(rng),
    ),
    "all quote one sentence": lambda rng: crowd(
        rng, 200, 160, 14, lambda n: f'"{QUOTED}"\n{own_words(rng)}' if n % 2 else f"> {QUOTED}\n\n{own_words(rng)}"
    ),
    "petition": lambda rng: crowd(rng, 220, 200, 20, lambda n: PETITION if n % 2 else own_words(rng)),
    "petition by outsiders": lambda rng: crowd(rng, 120, 110, 20, lambda n: PETITION if n % 2 else own_words(rng), 0.5),
    "press release in 5 blogs": lambda rng: [
        *(post(at, f"b{n}", RELEASE, f"b{n}", "neutral") for n, at in enumerate(spread(rng, 5, 8))),
        *crowd(rng, 40, 36, 12, own(rng)),
    ],
    "retweets": lambda rng: crowd(rng, 150, 140, 10, lambda n: f"RT @plant_42: {COPY}" if n % 3 else own_words(rng)),
    "a phrase all use": lambda rng: crowd(
        rng,
        120,
        100,
        12,
        lambda _: (
            f"I have the same problem with my Acme {_among(rng, ['gateway', 'box', 'router'])} since the"
            f" {_among(rng, ['last', 'new', 'June'])} update, {_among(rng, END)}"
        ),
    ),
    "a hashtag all shout": lambda rng: crowd(rng, 150, 120, 12, lambda n: "#BoycottAcme" if n % 2 else own_words(rng)),
    "petition, a third paste it twice": lambda rng: crowd(
        rng, 130, 100, 20, lambda n: PETITION if n % 4 else own_words(rng)
    ),
    "fast thread": lambda rng: crowd(rng, 150, 60, 1.5, own(rng)),
}

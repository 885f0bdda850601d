"""What one digest says, decided from facts alone: no store, no clock, no markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.digest.blindness import Hearing, hearing
from tocsin.digest.brand_weeks import BrandWeek, brand_weeks
from tocsin.digest.crowd_reasons import Reason
from tocsin.digest.facts import EvidencePost, Facts
from tocsin.digest.headlines import headline, level_words, news_words, people, subject_line, verdict
from tocsin.digest.people import Person, people_to
from tocsin.digest.places import PlaceNews, place_news
from tocsin.digest.quotes import clean, label, permalink, quote
from tocsin.digest.reasons import reasons, voice_words
from tocsin.digest.story import ClaimStep, TopicNews, claim_steps, topic_news
from tocsin.digest.timeline import Timeline, timeline
from tocsin.nights import span
from tocsin.store.records import Episode

COLD_START_DAYS = 14
MOST_QUOTES = 8
MOST_QUOTES_LATER = 3
"""From the third episode on: mail programs cut a mail at 102 kB."""
_KIND_ORDER = {"backlash": 0, "campaign": 1, "attention_tone_unknown": 2, "attention": 3}


@dataclass(frozen=True, slots=True)
class Quote:
    """One post that shows an episode, ready to print; everything in it is still a stranger's text."""

    text: str
    author: str
    source: str
    title: str
    when: str
    likes: int | None
    url: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class EpisodeNews:
    """One episode in words."""

    id: str
    kind: str
    brand: str
    headline: str
    news: str
    level: str
    since: str
    about: str | None
    voices: str
    campaign: str | None
    also: tuple[str, ...]
    places: str
    reasons: tuple[Reason, ...]
    timeline: Timeline | None
    quotes: tuple[Quote, ...]
    claim: tuple[ClaimStep, ...] = ()
    topics: tuple[TopicNews, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A whole digest in words, in the order of the mail. `mood`: backlash, attention (campaigns too), blind, quiet."""

    subject: str
    mood: str
    verdict: str
    day: str
    covers: str | None
    audience: str
    backlash: tuple[EpisodeNews, ...]
    campaigns: tuple[EpisodeNews, ...]
    attention: tuple[EpisodeNews, ...]
    over: tuple[EpisodeNews, ...]
    brands: tuple[BrandWeek, ...]
    hearing: Hearing
    places: tuple[PlaceNews, ...]
    replies: tuple[Person, ...]
    thanks: tuple[Person, ...]
    accounts: tuple[Person, ...]
    cold_start: tuple[str, ...]
    snoozed: tuple[str, ...]
    troubles: tuple[str, ...]
    model: str
    written_at: str


def compose(facts: Facts) -> Content:
    """Return what the digest says. Pure: the same facts give the same words."""
    ranked = sorted(facts.episodes, key=_rank)
    alive, also = _stories([episode for episode in ranked if episode.state != "over"])
    heard = hearing(facts.sources, facts.gaps, facts.now, facts.zone)
    names = [name for name, _ in facts.brands]
    told = [
        (episode, _news(episode, facts, MOST_QUOTES if place < 2 else MOST_QUOTES_LATER, also.get(episode.id, ())))
        for place, episode in enumerate(alive)
    ]
    return Content(
        subject=subject_line(alive, heard, facts.for_date, facts.nights),
        mood=_mood(alive, heard),
        verdict=verdict(alive, heard, names) + _apart_from(facts),
        day=span((facts.for_date,)),
        covers=f"covers {len(facts.nights)} nights: {span(facts.nights)}" if len(facts.nights) > 1 else None,
        audience=", ".join(label(name) for name in names),
        backlash=tuple(news for episode, news in told if episode.kind == "backlash"),
        campaigns=tuple(news for episode, news in told if episode.kind == "campaign"),
        attention=tuple(news for episode, news in told if episode.kind not in ("backlash", "campaign")),
        over=tuple(_news(episode, facts, 0) for episode in ranked if episode.state == "over"),
        brands=brand_weeks(facts.brands, facts.weeks),
        hearing=heard,
        places=place_news(facts.occasion.places, names),
        replies=people_to("complaint", facts.worth, facts.now, facts.zone),
        thanks=people_to("advocate", facts.worth, facts.now, facts.zone),
        accounts=people_to("account", facts.worth, facts.now, facts.zone),
        cold_start=_cold_start(facts),
        snoozed=tuple(
            f"{headline(episode)} ({episode.id}), until {clock(until, facts.zone)} or its level rises"
            for episode, until in facts.snoozed
        ),
        troubles=tuple(clean(line) for line in facts.occasion.troubles),
        model=facts.model or "none yet",
        written_at=clock(facts.now, facts.zone),
    )


def _apart_from(facts: Facts) -> str:
    """Return what makes a digest honest that leaves out what its readers snoozed."""
    count = len(facts.snoozed)
    return f" Apart from {'one episode that is' if count == 1 else f'{count} episodes that are'} snoozed." * bool(count)


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as readers write it: `Sun 22 Nov 06:12 CET`."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def _rank(episode: Episode) -> tuple[int, int, float, float, str]:
    return (
        _KIND_ORDER[episode.kind],
        -episode.level,
        -episode.severity_days,
        -(episode.risk or 0.0),
        episode.id,
    )


def _mood(alive: list[Episode], heard: Hearing) -> str:
    if any(episode.kind == "backlash" for episode in alive):
        return "backlash"
    if alive:
        return "attention"
    return "blind" if heard.blind else "quiet"


def _stories(alive: Sequence[Episode]) -> tuple[list[Episode], dict[str, tuple[str, ...]]]:
    """Return the episodes to tell, and by id what they are besides: one story is told once, under the brand that leads.

    A brand whose leading episode is not told here (another audience's brand, or over) gets its own.
    """
    told = {episode.id for episode in alive}
    also: dict[str, tuple[str, ...]] = {}
    for episode in alive:
        leader = episode.parts.get("same_story_as")
        if isinstance(leader, str) and leader in told:
            also[leader] = (*also.get(leader, ()), f"{headline(episode)} ({people(episode.voices)} people)")
    followers = {episode.id for episode in alive if episode.parts.get("same_story_as") in told}
    return [episode for episode in alive if episode.id not in followers], also


def _news(episode: Episode, facts: Facts, most_quotes: int, also: tuple[str, ...] = ()) -> EpisodeNews:
    return EpisodeNews(
        id=episode.id,
        kind=episode.kind,
        brand=label(episode.brand),
        headline=headline(episode),
        news=news_words(episode, facts.before.get(episode.id)),
        level=level_words(episode),
        since=f"{'began' if episode.state == 'over' else 'since'} {clock(episode.onset_at, facts.zone)}",
        about=_about(facts.evidence.get(episode.id, ())),
        voices=voice_words(episode.voices),
        campaign=label(episode.voices.campaign) if episode.voices.campaign else None,
        also=also,
        places=", ".join(label(source) for source in episode.sources),
        reasons=reasons(episode),
        timeline=timeline(facts.talk.get(episode.id, ()), episode.onset_at, facts.now, facts.zone),
        quotes=tuple(_quote(post, facts.zone) for post in facts.evidence.get(episode.id, ())[:most_quotes]),
        claim=claim_steps(facts.wordings.get(episode.id, ()), lambda moment: clock(moment, facts.zone)),
        topics=topic_news(facts.topics.get(episode.id, ())),
    )


def _about(posts: Sequence[EvidencePost]) -> str | None:
    """Return the title under which most of the shown posts stand."""
    titles = Counter(label(post.title) for post in posts if label(post.title))
    return max(titles, key=lambda title: titles[title]) if titles else None


def _quote(post: EvidencePost, zone: ZoneInfo) -> Quote:
    return Quote(
        text=quote(post.text) or "(no text)",
        author=label(post.author) if post.author else "unknown author",
        source=label(post.source),
        title=label(post.title),
        when=clock(post.created_at, zone),
        likes=post.likes,
        url=permalink(post.url),
        reason=label(post.reason),
    )


def _cold_start(facts: Facts) -> tuple[str, ...]:
    young = [
        (label(name), facts.history_days.get(name, 0.0))
        for name, _ in facts.brands
        if facts.history_days.get(name, 0.0) < COLD_START_DAYS
    ]
    sources = tuple(
        f"{label(source)}: a new source. It counts once it was listened to for {COLD_START_DAYS} days."
        for source in facts.occasion.learning
    )
    return sources + tuple(
        f"{name}: {'no talk is held yet' if days <= 0 else f'{days:.0f} days of talk are held'}. "
        f"Before {COLD_START_DAYS} days nothing can be called unusual, so nothing is."
        for name, days in young
    )

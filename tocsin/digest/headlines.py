"""The news in plain words: subject line, verdict, headlines."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.digest.blindness import Hearing
from tocsin.digest.facts import Before
from tocsin.digest.quotes import label, shortened
from tocsin.nights import span
from tocsin.store.records import Episode, Voices

SUBJECT_CHARACTERS = 140
_BACKLASH = {"emerging": "is emerging", "growing": "is growing", "peaked": "has peaked", "over": "is over"}


def subject_line(alive: Sequence[Episode], heard: Hearing, for_date: str, nights: Sequence[str]) -> str:
    """Return a subject that tells the news: `Acme: backlash emerging, 43 voices, forum and hn`."""
    blind = heard.phrase
    if not alive:
        told = f"Quiet on {span((for_date,))}" + (f", but {blind}" if blind else "")
    else:
        first = alive[0]
        who = "accounts" if first.kind == "campaign" else "voices"
        told = f"{label(first.brand)}: {_short(first)}, {people(first.voices)} {who}, {listed(first.sources)}"
        rest = len(alive) - 1
        if rest:
            told += f"; and {rest} more"
        if blind:
            told += f"; {blind}"
    if len(nights) > 1:
        told += f" ({len(nights)} nights)"
    return shortened(told, SUBJECT_CHARACTERS)


def verdict(alive: Sequence[Episode], heard: Hearing, brands: Sequence[str]) -> str:
    """Return the one sentence to read when there is time for one."""
    backlash = [episode for episode in alive if episode.kind == "backlash"]
    but = f" But we were {heard.phrase}." if heard.phrase else ""
    if not alive:
        about = listed(brands, "or")
        start = "Quiet where we could listen" if but else "Quiet"
        return f"{start}: no backlash and no unusual attention for {about}.{but}"
    if not backlash:
        return f"No backlash. {headline(alive[0])}.{but}"
    first = backlash[0]
    more = f" {_others(len(backlash) - 1)}" if len(backlash) > 1 else ""
    return f"{headline(first)}: {people(first.voices)} people on {listed(first.sources)}, {rarity(first)}.{more}{but}"


def headline(episode: Episode) -> str:
    """Return the episode in a clause, without a full stop."""
    brand = label(episode.brand)
    if episode.kind == "backlash":
        return f"Backlash against {brand} {_BACKLASH[episode.state]}"
    past = "was" if episode.state == "over" else "is"
    if episode.kind == "campaign":
        return f"{brand} {past} the subject of a campaign by {_accounts(episode)}"
    tone = "without anger" if episode.kind == "attention" else "in a tone that could not be judged"
    return f"{brand} {past} talked about more than usual, {tone}"


def news_words(episode: Episode, before: Before | None) -> str:
    """Return what is new about the episode since the last digest, in at most three short clauses."""
    if before is None:
        return "new"
    words = []
    if episode.level != before.level:
        words.append(
            f"{'risen' if episode.level > before.level else 'fallen'} from level {before.level} to {episode.level}"
        )
    if episode.state != before.state:
        words.append(f"was {before.state}, now {episode.state}")
    grown = episode.voices.low - before.voices_low
    if grown > 0:
        words.append(f"{grown} more voices")
    return ", ".join(words) or "unchanged since the last digest"


def level_words(episode: Episode) -> str:
    """Return the level with what it means: `Level 2 of 3: not seen in 45 days`."""
    return f"Level {episode.level} of 3: {rarity(episode)}"


def rarity(episode: Episode) -> str:
    """Return the severity in words; it is capped at the days held, and says so when it is."""
    days = episode.severity_days
    if episode.kind == "campaign" and days < 7:
        counted = episode.parts.get("voices")
        return "accounts that copy one text count as one voice" if counted is None else f"counts as {_voices(counted)}"
    if days < 1.5:
        return "as happens most days"
    found = episode.parts.get("return_days")
    if isinstance(found, int | float) and found > 1.05 * days:
        return f"not seen in all {days:.0f} days held"
    return f"not seen in {days:.0f} days"


def people(voices: Voices) -> str:
    """Return how many people: `43`, or `40 to 52` where some authors are not known."""
    return str(voices.low) if voices.low == voices.high else f"{voices.low} to {voices.high}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return `a, b and c`; more than three become `a, b and 3 more`."""
    clean = [label(name) for name in names]
    if not clean:
        return "no source" if word == "and" else "no brand"
    if len(clean) > 3:
        return f"{clean[0]}, {clean[1]} {word} {len(clean) - 2} more"
    return clean[0] if len(clean) == 1 else f"{', '.join(clean[:-1])} {word} {clean[-1]}"


def _short(episode: Episode) -> str:
    if episode.kind == "backlash":
        return f"backlash {episode.state}"
    if episode.kind == "campaign":
        return "campaign"
    return "attention" if episode.kind == "attention" else "attention, tone unknown"


def _voices(counted: float | int | str) -> str:
    return f"{counted} voice{'' if counted == 1 else 's'}"


def _accounts(episode: Episode) -> str:
    return f"{people(episode.voices)} account{'' if episode.voices.high == 1 else 's'} with copied text"


def _others(count: int) -> str:
    return "One more backlash is reported below." if count == 1 else f"{count} more backlashes are reported below."

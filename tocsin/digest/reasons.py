"""Why we think so: an episode's gates and figures in words, and how many real voices it is."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.digest.crowd_reasons import Reason, crowd_reasons
from tocsin.digest.headlines import people, rarity
from tocsin.store.records import Episode, Voices

SHOWN_ECHO = 0.1
"""Share of repeated posts from which it is worth a line."""


def voice_words(voices: Voices) -> str:
    """Return `400 posts = 320 people, 12 wordings, the top 5 wrote 9 %`."""
    posts = f"{voices.posts} post{'s' if voices.posts != 1 else ''}"
    wordings = f"{voices.wordings} wording{'s' if voices.wordings != 1 else ''}"
    said = f"{posts} = {people(voices)} {'person' if voices.high == 1 else 'people'}, {wordings}"
    return said if voices.high <= 5 else f"{said}, the top 5 wrote {voices.top5_share * 100:.0f} %"


def reasons(episode: Episode) -> tuple[Reason, ...]:
    """Return the gates and figures of an episode in words; what was not observed is left out."""
    parts = episode.parts
    lines = [
        _size(episode, _number(parts, "voices"), _number(parts, "expected_voices")),
        _surprise(episode),
        _tone(episode),
        _anger(episode.parts),
        _one_wording(_number(parts, "accounts"), _number(parts, "voices")),
        *crowd_reasons(parts),
        _repeated(_number(parts, "echo_share"), _number(parts, "echo_pieces")),
        _spreading(*(_number(parts, name) for name in ("contagion", "contagion_low", "contagion_high"))),
        _answer(parts),
        _risk(episode.risk),
        _unjudged(_number(parts, "not_judged_share")),
    ]
    return tuple(line for line in lines if line is not None)


def _size(episode: Episode, voices: float | None, expected: float | None) -> Reason | None:
    if voices is None or expected is None:
        return None
    who = "negative voices" if episode.kind == "backlash" else "voices"
    times = f", {voices / expected:.0f} times as many" if expected >= 0.05 else ""
    return Reason(
        f"At its most unusual ({episode.window_hours} h)",
        f"{voices:.0f} {who}",
        f"usual for this time of the week: {expected:.1f}{times}",
    )


def _surprise(episode: Episode) -> Reason:
    found = _number(episode.parts, "return_days")
    if found is None:
        return Reason("How unusual", rarity(episode), "")
    chance = f"once in {found:.0f} days" if found < 3_650 else "less than once in 10 years"
    return Reason("How unusual", rarity(episode), f"by chance: {chance}")


def _anger(parts: Mapping[str, float | int | str | None]) -> Reason | None:
    angry, civil = _number(parts, "angry_voices"), _number(parts, "civil_voices")
    if angry is None or civil is None or not angry + civil:
        return None
    usual, sure = _number(parts, "expected_angry_voices"), _number(parts, "anger_probability")
    told = f"usual: {usual:.1f} angry" if usual is not None else ""
    if sure is not None:
        told += f"; a larger share than usual with {min(sure, 0.99):.0%} certainty, 80% needed for backlash"
    return Reason("How angry", f"{angry:.0f} angry, {civil:.0f} with civil criticism", _spaced(told))


def _tone(episode: Episode) -> Reason | None:
    now, usual = _number(episode.parts, "negative_share"), _number(episode.parts, "usual_negative_share")
    sure = _number(episode.parts, "angrier_probability")
    if now is None:
        return None
    baseline = f"usual: {usual:.0%}" if usual is not None else "usual: not known"
    if sure is not None:
        baseline += f"; angrier than usual with {min(sure, 0.99):.0%} certainty, 95% needed for backlash"
    return Reason("How negative", _spaced(f"{now:.0%} of the judged voices"), _spaced(baseline))


def _one_wording(accounts: float | None, voices: float | None) -> Reason | None:
    if accounts is None or voices is None or accounts <= voices:
        return None
    return Reason(
        "Copied text", f"{accounts:.0f} accounts", f"counted as {voices:.0f} voices: copied text counts for less"
    )


def _repeated(share: float | None, pieces: float | None) -> Reason | None:
    if share is None or pieces is None or share < SHOWN_ECHO:
        return None
    return Reason(
        "Echo",
        _spaced(f"{share:.0%} of the posts repeat an earlier one"),
        f"copies, links and quotes: as if {pieces:.0f} different pieces went round",
    )


def _spreading(excess: float | None, low: float | None, high: float | None) -> Reason | None:
    """Say whether anger spreads, only where the interval leaves no doubt of the direction."""
    if excess is None or low is None or high is None or low <= 0:
        return None
    return Reason(
        "Anger spreads",
        f"{100 * excess:.0f} points more anger after hostile replies",
        f"than after others at the same point of a thread; {100 * low:.0f} to {100 * high:.0f} with 95 % certainty",
    )


def _answer(parts: Mapping[str, float | int | str | None]) -> Reason | None:
    """Tell how fast new voices came before the brand's first answer and after it; that is no proof of its effect."""
    if parts.get("own_answer_at") is None:
        return None
    before, after = _number(parts, "pace_before_answer"), _number(parts, "pace_after_answer")
    if before is None:
        return Reason("The brand answered", "given within three hours", "too soon for a pace before it")
    if after is None:
        return Reason(
            "The brand answered", f"{before:.1f} new negative voices an hour before it", "too soon to tell after it"
        )
    trend = _number(parts, "slope_after_answer") or 0.0
    going = "still rising" if trend > 0.05 else "falling" if trend < -0.05 else "level"
    return Reason(
        "The brand answered",
        f"{before:.1f} new negative voices an hour before it, {after:.1f} after",
        f"since then {going}",
    )


def _risk(risk: float | None) -> Reason | None:
    if risk is None:
        return None
    return Reason(
        "Pile-on risk", _spaced(f"{risk:.0%}"), "that its riskiest thread becomes a pile-on within 72 h, as estimated"
    )


def _unjudged(share: float | None) -> Reason | None:
    if not share or share < 0.005:
        return None
    return Reason("Not judged", _spaced(f"{share:.0%} of the voices"), "another language, or too close to call")


def _number(parts: Mapping[str, float | int | str | None], name: str) -> float | None:
    value = parts.get(name)
    return float(value) if isinstance(value, int | float) else None


def _spaced(text: str) -> str:
    return text.replace("%", " %")

"""`tocsin detect`: decide what is going on, now or at an earlier moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, At, ConfigPath, failures, load, moment
from tocsin.cli.output import complain, say, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from analyzers.detection import DetectReport
    from tocsin.store.records import Episode

Shown = Mapping[str, Sequence[Mapping[str, Any]]]
TEXT_WIDTH = 100


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(detect)


def detect(config: ConfigPath = DEFAULT_CONFIG, at: At = None, as_json: AsJson = False) -> None:
    """Find emerging backlash in what the store holds.

    Reads the mentions of new posts, then decides about every brand as of `--at`. Posts want their
    tags first: `tocsin tag`.
    """
    # Heavy: NumPy and SciPy would cost every `tocsin --help` half a second.
    from analyzers.detection import detect_store
    from analyzers.errors import AnalyzerError
    from analyzers.mentions import scan_store
    from tocsin.plans import brand_rules, known_accounts
    from tocsin.store.database import open_store
    from tocsin.store.episodes import evidence_posts
    from tocsin.store.errors import StoreError
    from tocsin.store.tags import current_model

    now = moment(at)
    with failures(StoreError, AnalyzerError):
        settings = load(config)
        if not settings.brands:
            raise ConfigError(f"{config}: no [[brands]] to listen for; add one with its name and aliases")
        rules = brand_rules(settings)
        with open_store(settings.store) as store:
            scan_store(store, rules, now)
            report = detect_store(store, [rule.name for rule in rules], now, settings.zone, known_accounts(settings))
            shown: Shown = {
                episode.id: [dict(row) for row in evidence_posts(store, episode.id)]
                for episode in (*report.episodes, *report.ended)
            }
            tagged = current_model(store) is not None
    if not tagged:
        complain("no post is tagged yet, so no tone is known: run `tocsin tag` first")
    if as_json:
        show_json(_document(report, shown))
        return
    _tell(report, shown)


def _document(report: DetectReport, shown: Shown) -> dict[str, object]:
    def full(episode: Episode) -> dict[str, object]:
        return asdict(episode) | {"evidence": shown[episode.id]}

    return {
        "at": report.at,
        "quiet": not report.episodes,
        "brands": report.brands,
        "episodes": [full(episode) for episode in report.episodes],
        "ended": [full(episode) for episode in report.ended],
        "thread_risks": report.thread_risks,
        "learning_sources": report.learning_sources,
    }


def _tell(report: DetectReport, shown: Shown) -> None:
    alive = sorted(report.episodes, key=lambda e: (e.kind != "backlash", -e.severity_days, e.id))
    for episode in alive:
        _tell_episode(episode, shown[episode.id])
    for episode in report.ended:
        what = _kind(episode)
        say(f"{episode.brand}: {what} of {episode.opened_at:%Y-%m-%d} is over ({episode.voices.low} voices).")
        if episode.voices.campaign:
            say(f"  {episode.voices.campaign}")
    for brand in report.brands:
        if brand.status == "quiet":
            say(
                f"{brand.brand}: quiet. Last 24 h: {brand.posts_24h} posts, {brand.voices_24h} voices,"
                f" {brand.negative_voices_24h} negative."
            )
        elif brand.status == "learning":
            say(f"{brand.brand}: no claim yet, {brand.history_days:.0f} of 14 days heard.")
    if report.learning_sources:
        say(f"Not counted yet (under 14 days heard): {', '.join(report.learning_sources)}.")


def _tell_episode(episode: Episode, evidence: Sequence[Mapping[str, Any]]) -> None:
    voices, parts = episode.voices, episode.parts
    people = str(voices.low) if voices.low == voices.high else f"{voices.low} to {voices.high}"
    say(f"{episode.brand}: {_kind(episode)}, {episode.state}, level {episode.level}")
    say(f"  not seen in {episode.severity_days:.0f} days; opened {episode.opened_at:%Y-%m-%d %H:%M} UTC,")
    say(f"  began {episode.onset_at:%Y-%m-%d %H:%M} UTC, in {', '.join(episode.sources)}")
    say(
        f"  {voices.posts} posts = {people} people, {voices.wordings} wordings,"
        f" the top 5 wrote {100 * voices.top5_share:.0f} %"
    )
    if voices.campaign:
        say(f"  {voices.campaign}")
    say(
        f"  {parts.get('voices')} voices in {episode.window_hours} h, usual {parts.get('expected_voices')}"
        f" ({parts.get('times_usual')} times)"
    )
    share, usual = parts.get("negative_share"), parts.get("usual_negative_share")
    if isinstance(share, float | int) and isinstance(usual, float | int):
        say(f"  {100 * share:.0f} % of the judged voices negative, usual {100 * usual:.0f} %")
    if episode.risk is not None:
        say(f"  highest thread risk {episode.risk:.2f}")
    for row in evidence:
        text = " ".join(str(row["text"]).split())
        say(f"  - {text if len(text) <= TEXT_WIDTH else text[: TEXT_WIDTH - 1] + '…'}")
        say(f"    {row['reason']}; {row['url'] or row['post_id']}")
    say()


def _kind(episode: Episode) -> str:
    return {
        "backlash": "backlash",
        "campaign": "campaign",
        "attention": "attention",
        "attention_tone_unknown": "attention, tone unknown",
    }[episode.kind]

"""`tocsin demo`, `tocsin init`: the first steps."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.options import AsJson, failures
from tocsin.cli.output import err, progress, say, show_json
from tocsin.config import DEFAULT_NAME, shipped
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from tocsin.demo.show import Demo
    from tocsin.store.records import Episode

HEADINGS = {
    "backlash": "BACKLASH",
    "campaign": "CAMPAIGN",
    "attention": "ATTENTION",
    "attention_tone_unknown": "ATTENTION, TONE UNKNOWN",
}

STEPS = 8
"""Of a nightly run, for the progress bar."""


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(demo)
    app.command()(init)


def demo(
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes up another community and another scandal.")] = 4,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Folder for everything it makes. Default: .demo in a checkout, else tocsin-demo."),
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the sample sites up afterwards, so that links in the digest open.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the main job on a bundled sample community, all on this machine."""
    # Heavy: the whole main job.
    from tocsin.demo.errors import DemoError
    from tocsin.demo.folder import default_folder
    from tocsin.demo.show import demonstrated
    from tocsin.store.errors import StoreError

    home = folder or default_folder(shipped("templates").parent, Path.cwd())
    bar = progress()
    task = bar.add_task("making up a community", total=STEPS)

    def report(step: str, outcome: str | None) -> None:
        bar.update(task, description=step, advance=int(outcome is not None))

    with failures(DemoError, StoreError), bar, demonstrated(home, seed, datetime.now(UTC), report) as done:
        bar.stop()
        if as_json:
            show_json(_as_json(done))
        else:
            _tell(done)
        if stay:
            err.print(f"The sample sites stay up at {done.site.base}/ until you press Ctrl-C.", markup=False)
            _wait()
        status = done.report.status
    if status != "ok":
        raise typer.Exit(1)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a tocsin.toml that is there.")] = False,
) -> None:
    """Write a commented tocsin.toml to start from."""
    target = folder / DEFAULT_NAME
    with failures(OSError):
        if target.exists() and not force:
            raise ConfigError(f"{target} is there already; --force overwrites it")
        starter = shipped("data", DEFAULT_NAME).read_text(encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(starter, encoding="utf-8")
    go = "" if folder.resolve() == Path.cwd() else f"  cd {shlex.quote(str(folder))}\n"
    say(f"Wrote {target}: every setting with its default, brands, sources and recipients as examples.")
    say(f"\nNext:\n{go}  edit {DEFAULT_NAME}            name your brands, sources and recipients")
    say("  tocsin nightly              crawl, tag, detect, write the digest to outbox/")
    say("  tocsin digest --preview     look at it")
    say("  tocsin schedule             the same every night")


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        err.print("Sites closed.")


def _tell(done: Demo) -> None:
    places = ", ".join(f"{name} {count:,}" for name, count in sorted(done.crawled.items()))
    say(f"Tocsin crawled the sample community over HTTP: {sum(done.crawled.values()):,} posts ({places}).")
    for row in done.report.coverage:
        if row.status != "ok":
            say(f"  {row.source}: {row.status}. {row.detail or ''}")
    for step, outcome in done.report.steps.items():
        if outcome.startswith("failed"):
            say(f"  {step}: {outcome}")
    alive = [episode for episode in done.episodes if episode.state != "over"]
    say("\nNow\n" if alive else "\nNow: quiet.")
    for episode in alive:
        _tell_episode(done, episode)
    past = sorted(
        (episode for episode in done.episodes if episode.state == "over"), key=lambda episode: episode.onset_at
    )
    if past:
        say("Earlier in the six weeks\n")
    for episode in past:
        _tell_episode(done, episode)
    if done.quarrel_alone:
        say("A quarrel of two people was left alone.\n")
    _tell_digest(done)


def _tell_episode(done: Demo, episode: Episode) -> None:
    voices = episode.voices
    people = f"{voices.low}" if voices.low == voices.high else f"{voices.low} to {voices.high}"
    zone = done.config.zone
    times = [f"{at.astimezone(zone):%d %B %H:%M}" for at in (episode.onset_at, episode.over_at) if at is not None]
    heading = HEADINGS[episode.kind]
    when = f"since {times[0]}" if len(times) == 1 else f"{times[0]} to {times[1]}"
    say(f"  {heading}  {episode.brand}, {episode.state}, {when} ({zone.key})")
    count = f"{voices.posts} posts = {people} people, {voices.wordings} wordings"
    threads = f"{len(episode.threads)} thread{'s' * (len(episode.threads) != 1)}"
    say(f"    {count}; {threads} in {', '.join(episode.sources)}")
    if episode.kind == "backlash":
        say(f"    not seen in {episode.severity_days:.0f} days (level {episode.level} of 3)")
    if voices.campaign:
        say(f"    {voices.campaign}")
    say()


def _tell_digest(done: Demo) -> None:
    for digest in done.report.digests:
        say(f"The digest: {digest.subject}")
        for path in digest.paths:
            say(f"  {_near(path)}")
    command, config = _command(), shlex.quote(_near(done.config_file))
    steps = (
        (f"{command} digest --preview -c {config}", "read the digest in a browser"),
        (f"{command} serve -c {config}", "query every post, tag and episode"),
        (f"{command} demo --seed 2 --stay", "another community, whose links stay open"),
        (f"{command} init watch", "listen to your own industry"),
    )
    width = max(len(line) for line, _ in steps)
    say("\nNext")
    for line, what in steps:
        say(f"  {line:<{width}}   {what}")


def _command() -> str:
    """Return how the reader can call us: `make run` leaves `tocsin` in .venv/bin, which is not on the path."""
    called = Path(sys.argv[0])
    if shutil.which("tocsin") or called.name != "tocsin":
        return "tocsin"
    return shlex.quote(_near(called))


def _near(path: Path) -> str:
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)


def _as_json(done: Demo) -> dict[str, Any]:
    community, report = done.community, done.report
    return {
        "seed": community.seed,
        "config": done.config_file,
        "site": done.site.base,
        "status": report.status,
        "steps": dict(report.steps),
        "served": dict(done.served),
        "coverage": report.coverage,
        "crawled": dict(done.crawled),
        "episodes": done.episodes,
        "quarrel_left_alone": done.quarrel_alone,
        "digests": report.digests,
        "truth": {
            "brand": community.brand,
            "pile_on_topic": community.pile_on_topic,
            "pile_on_onset": community.pile_on_onset,
            "attention_at": community.attention_at,
            "campaign_brand": community.campaign_brand,
            "campaign_at": community.campaign_at,
            "quarrel_thread": community.quarrel_thread_id,
        },
    }

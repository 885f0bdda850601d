"""`tocsin label export`, `tocsin label import`, and `tocsin train --labels`: the model and your own words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import complain, progress, say, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from analyzers.own_training import TrainingReport

DEFAULT_TABLE = Path("labels.csv")

label = typer.Typer(no_args_is_help=True, help="Label posts yourself: write them to a table, take your labels back.")


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.add_typer(label, name="label")


@label.command("export")
def export(
    config: ConfigPath = DEFAULT_CONFIG,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many posts.")] = 100,
    out: Annotated[Path, typer.Option(dir_okay=False, help="The table; it must not exist yet.")] = DEFAULT_TABLE,
    again: Annotated[bool, typer.Option("--again", help="Posts that have labels may come again, with them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the posts that the model is least sure of to a CSV file with empty cells for your labels."""
    # Heavy: NumPy and CTranslate2 would cost every `tocsin --help` half a second.
    from analyzers.errors import AnalyzerError, LabelledRowError
    from analyzers.labelling import decisions, export_labels
    from tocsin.plans import chosen_model
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError
    from tocsin.store.tags import current_model

    with failures(AnalyzerError, StoreError):
        settings = load(config)
        with open_store(settings.store, create=False) as store, progress() as bar:
            bar.add_task("looking for posts", total=None)
            model, now_used = chosen_model(settings), current_model(store)
            offsets = decisions(model.folder, now_used[1]) if now_used and not model.labels else {}
            try:
                done = export_labels(store, out, count, offsets, again=again)
            except LabelledRowError as error:
                raise ConfigError(str(error)) from error
    if as_json:
        show_json(done)
        return
    doubts = ", ".join(f"{task} {number}" for task, number in sorted(done.why.items()))
    say(f"{done.file}: {done.rows} posts that {done.model} {done.model_version} is least sure of ({doubts}).")
    say("Fill in the empty columns, leave what you cannot tell (docs/labels.md says what each word means), then:")
    say(f"  tocsin label import {done.file}")


@label.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The filled table, as CSV.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take your labels from a filled table: all of them, or, where a line is wrong, none (exit code 2)."""
    # Heavy: see `export`.
    from analyzers.errors import AnalyzerError, LabelledRowError
    from analyzers.labelling import import_labels
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(AnalyzerError, StoreError):
        settings = load(config)
        try:
            with open_store(settings.store, create=False) as store:
                done = import_labels(store, file, datetime.now(UTC))
        except LabelledRowError as error:
            raise ConfigError(str(error)) from error
    if as_json:
        show_json(done)
        return
    say(f"{file.name}, labels: {done.new} new, {done.changed} changed, {done.unchanged} known already")
    for task, counts in done.labels.items():
        say(f"  {task:<17}" + "  ".join(f"{name} {number}" for name, number in counts.items()))
    if done.edited:
        say(f"{done.edited} labels are of posts edited since the export: kept, but not learnt from.")
    if done.labels:
        say("Next: `tocsin train --labels`")


def train_on_labels(config: Path, *, as_json: bool) -> None:
    """Refit the model's heads on the labels in the store, and show what was kept."""
    # Heavy: see `export`.
    from analyzers.errors import AnalyzerError
    from analyzers.own_training import train_on_labels as train
    from tocsin.plans import configured_model, own_models
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(AnalyzerError, StoreError):
        settings = load(config)
        model = configured_model(settings)
        if model.labels:
            raise ConfigError(f"model = {settings.model!r}: only Tocsin's own models learn from labels")
        with open_store(settings.store, create=False) as store, progress() as bar:
            task = bar.add_task("reading labelled posts", total=None)
            done = train(
                store,
                model.folder,
                own_models(settings),
                datetime.now(UTC),
                lambda read, total: bar.update(task, advance=read, total=total),
            )
    if as_json:
        show_json(done)
    else:
        _show(done)


def discard_own(config: Path, *, as_json: bool) -> None:
    """Put the configured model in force again."""
    # Heavy: see `export`.
    from analyzers.adopting import discard
    from analyzers.errors import AnalyzerError
    from tocsin.plans import configured_model, own_models

    with failures(AnalyzerError):
        settings = load(config)
        discarded = discard(own_models(settings))
        folder = configured_model(settings).folder
    if as_json:
        show_json({"discarded": discarded, "folder": folder})
    elif discarded:
        say(f"Back to the configured model ({folder}). Next: `tocsin tag --retag`")
    else:
        complain("there was no own version; the configured model stays in force")


def _show(done: TrainingReport) -> None:
    say(f"{'head':<17}{'labels':>7}{'held back':>10}  {'macro F1':<16}{'log loss':<16}verdict")
    for head in done.heads:
        f1 = loss = ""
        if head.old and head.new:
            f1 = f"{head.old.macro_f1:.3f} > {head.new.macro_f1:.3f}"
            loss = f"{head.old.log_loss:.3f} > {head.new.log_loss:.3f}"
        verdict = head.verdict if head.kept or not f1 else f"not kept: {head.verdict}"
        say(f"{head.task:<17}{head.labels:>7}{head.held_back:>10}  {f1:<16}{loss:<16}{verdict}")
        if head.unused:
            say(f"{'':<17}{head.unused:>7} labels not used: the post was edited since, or the model does not read it")
    if done.kept:
        say(f"Kept: {done.name} {done.version} in {done.folder} (was {done.was}). Next: `tocsin tag --retag`")
    else:
        say(f"Kept the old version: {done.name} {done.was}.")

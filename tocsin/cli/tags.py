"""`tocsin tag`, `tocsin evaluate`, `tocsin train`: the model at work, on trial, and in the making."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.labels import discard_own, train_on_labels
from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import complain, progress, say, show_json
from tocsin.config import shipped
from tocsin.config_errors import ConfigError


class Task(StrEnum):
    """The questions labelled rows may ask."""

    SENTIMENT = "sentiment"
    HOSTILITY = "hostility"
    IRONY = "irony"
    ANGER = "anger"
    TARGET_SENTIMENT = "target_sentiment"
    REPLY_STANCE = "reply_stance"
    DERAILMENT = "derailment"


ModelName = Annotated[str, typer.Option("--model", help="As `model` in tocsin.toml; a folder starts where you are.")]
Meanings = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="LABEL=OURS", help="As a line of [model_labels] in tocsin.toml; repeatable."),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(tag)
    app.command()(evaluate)
    app.command()(train)


def tag(
    config: ConfigPath = DEFAULT_CONFIG,
    retag: Annotated[bool, typer.Option("--retag", help="Renew the tags of the current model version.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes to use. Default: one a core.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find brand mentions and tag posts with sentiment and hostility."""
    # Heavy: CTranslate2 and SciPy would cost every `tocsin --help` half a second.
    from analyzers.errors import AnalyzerError
    from analyzers.mentions import scan_store
    from analyzers.tagging import tag_store
    from tocsin.plans import brand_rules, chosen_model, own_version
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    with failures(AnalyzerError, StoreError):
        settings = load(config)
        model, own = chosen_model(settings), own_version(settings)
        if own and not own[0]:
            complain(f"{own[1]}; see `tocsin doctor`")
        now = datetime.now(UTC)
        with open_store(settings.store) as store, progress() as bar:
            scan_store(store, brand_rules(settings), now)
            task = bar.add_task("tagging", total=None)
            report = tag_store(
                store,
                model,
                now,
                workers=workers,
                retag=retag,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    if as_json:
        show_json(report)
        return
    say(f"{report.tagged} posts tagged by {report.model} {report.model_version}: {report.judged} texts went through")
    say(f"the model, {report.copied} posts share a text; {report.abstained} need a human (language, low margin,")
    say(f"irony). About pairs: {report.pairs.targets} tones towards brands, {report.pairs.stances} reply stances,")
    say(f"{report.pairs.forecasts} thread forecasts.")
    for name, count in sorted(report.by_sentiment.items()):
        say(f"  {name:<9}{count:>7}")


def evaluate(
    task: Annotated[Task, typer.Argument(help="The question that the labels answer.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines with text and label.")],
    model: ModelName = "embedded",
    meanings: Meanings = None,
    as_json: AsJson = False,
) -> None:
    """Judge labelled rows and print how good the model is on them."""
    # Heavy: see `tag`.
    from analyzers.choosing import choose
    from analyzers.errors import AnalyzerError, ModelChoiceError
    from analyzers.evaluation import evaluate as judge_rows

    with failures(AnalyzerError), progress() as bar:
        try:
            chosen = choose(model, dict(map(_meaning, meanings or ())), shipped("data", "model"), Path.cwd())
        except ModelChoiceError as error:
            raise ConfigError(f"--model: {error}") from error
        bar_task = bar.add_task("judging", total=None)
        result = judge_rows(
            chosen.load(),
            task.value,
            file,
            lambda done, total: bar.update(bar_task, completed=done, total=total),
        )
    if as_json:
        show_json(result.as_json())
        return
    say(f"{result.task}: {result.n} rows, {result.abstained} of them would need a human")
    say(f"  macro recall {result.macro_recall:.3f}   macro F1 {result.macro_f1:.3f}   accuracy {result.accuracy:.3f}")
    say(f"  calibration error {result.ece:.3f}   {result.posts_per_second:.0f} posts a second, one process")
    for label, score in result.per_label.items():
        say(f"  {label:<10} precision {score.precision:.3f}  recall {score.recall:.3f}  F1 {score.f1:.3f}  n {score.n}")


def train(
    labels: Annotated[bool, typer.Option("--labels", help="Refit the model on your own labels. No torch.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Go back from your own version of the model.")] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    data: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder with TASK.{train,dev}.jsonl.")
    ] = None,
    encoder: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of the pretrained encoder.")
    ] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Where the int8 model goes.")] = None,
    work: Annotated[
        Path | None, typer.Option(file_okay=False, help="Checkpoints; a killed run resumes from here.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="TOML with epochs, seed, caps ... (docs/model.md).")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Begin with the checkpoint of an earlier --work.")
    ] = None,
    name: Annotated[str, typer.Option(help="The name that tags will carry.")] = "tocsin-listener-1",
    as_json: AsJson = False,
) -> None:
    """Refit the model on your own labels (--labels), or fine-tune a new one on rows (--data ..., needs torch)."""
    if labels or discard:
        alone = not any((labels and discard, data, encoder, out, work, recipe, start))
        if not alone:
            raise typer.BadParameter("--labels, --discard, and --data with its options do not go together")
        own = train_on_labels if labels else discard_own
        own(config, as_json=as_json)
        return
    if not (data and encoder and out and work):
        raise typer.BadParameter("name --labels, or --discard, or all of --data, --encoder, --out and --work")
    from analyzers.errors import AnalyzerError, TrainingError  # cheap, but the wing stays out of `--help`

    with failures(AnalyzerError), progress() as bar:
        try:
            from analyzers.training.make import make_model  # torch: an extra, and seconds to import
            from analyzers.training.recipe import Recipe, read_recipe
        except ImportError as error:
            raise TrainingError(
                f"training needs {error.name}: run pip install torch==2.13.0, or pip install 'tocsin[torch]'"
            ) from error
        chosen = read_recipe(recipe) if recipe else Recipe()
        made = make_model(data, encoder, out, work, chosen, name=name, progress=bar, start=start)
    if as_json:
        show_json(made)
        return
    say(f"{made.name} {made.version} written to {out}")
    for task, figures in made.dev.items():
        say(f"  {task:<10} dev macro recall {figures['macro_recall']:.3f}  macro F1 {figures['macro_f1']:.3f}")


def _meaning(text: str) -> tuple[str, str]:
    label, equals, ours = text.rpartition("=")
    if not (equals and label and ours):
        raise typer.BadParameter(f"{text!r}: write LABEL=OURS, for example LABEL_0=negative", param_hint="--label")
    return label, ours

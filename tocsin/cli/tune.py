"""`tocsin tune`: thresholds that learn from what people said of alarms; applied only on request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import say, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from analyzers.tuning import Tuning
    from tocsin.store.database import Store
    from tocsin.tuning import Trial


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(tune)


def tune(
    brand: Annotated[
        str | None, typer.Option("--brand", metavar="NAME", help="Only for this brand. Default: for all.")
    ] = None,
    budget: Annotated[
        float, typer.Option(min=0.0, max=30.0, help="False alarms a brand-month that are put up with.")
    ] = 0.5,
    apply: Annotated[bool, typer.Option("--apply", help="Put the proposal in force.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was applied.")] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Propose thresholds from feedback, and show by a replay of the store what they would have changed.

    Nothing changes without --apply. What is applied holds from then on, for the nightly run and `tocsin detect`.
    """
    # Heavy: NumPy and SciPy would cost every `tocsin --help` half a second.
    from analyzers.errors import AnalyzerError
    from tocsin.backtesting import Span
    from tocsin.cli.backtest import of_store, steps
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError
    from tocsin.store.feedback import verdicts
    from tocsin.store.thresholds import apply_thresholds, withdraw_thresholds
    from tocsin.tuning import learned, tried

    if apply and withdraw:
        raise typer.BadParameter("--apply and --withdraw do not go together")
    now = datetime.now(UTC)
    with failures(StoreError, AnalyzerError):
        settings = load(config)
        names = [known.name for known in settings.brands]
        if brand is not None and brand not in names:
            raise ConfigError(f"{config}: no brand is called {brand!r}; known: {', '.join(names) or 'none'}")
        with open_store(settings.store, create=False) as store:
            if withdraw:
                _withdrawn(withdraw_thresholds(store, brand or "", now), brand, as_json=as_json)
                return
            tuning = learned(store, brand, names, budget, now)
            false = frozenset(one.episode_id for one in verdicts(store) if one.verdict == "false_alarm")
            trials: list[Trial] = []
            if tuning.proposals:
                ready = of_store(store, settings, brand, Span(at=settings.schedule.time, zone=settings.zone))
                with steps() as step:
                    trials = tried(tuning, ready, false, step)
            best = trials[0] if trials and trials[0].helps else None
            if apply and best is not None:
                why = f"{tuning.why}; spares {best.spared} of them, makes {best.turned} milder"
                apply_thresholds(store, brand or "", {best.proposal.name: best.proposal.value}, now, why)
            if as_json:
                show_json(_document(store, tuning, trials, best, now, applied=apply and best is not None))
            else:
                _tell(store, tuning, trials, best, now, applied=apply and best is not None)


def _tell(
    store: Store, tuning: Tuning, trials: list[Trial], best: Trial | None, now: datetime, *, applied: bool
) -> None:
    from tocsin.cli.backtest_report import show_comparison  # Heavy: see `tune`
    from tocsin.store.thresholds import applied_thresholds  # as above

    say(f"{tuning.why}.")
    for trial in trials:
        one = trial.proposal
        say()
        say(
            f"{one.name} {one.before:g} -> {one.value:g}: by replay it spares {trial.spared} of the false alarms"
            + (f", tells {trial.turned} as something milder" if trial.turned else "")
            + (f", and loses {trial.lost} others" if trial.lost else "")
        )
        for usual, other in zip(trial.usual, trial.other, strict=True):
            if usual.episodes or other.episodes:
                say(f"  {usual.brand}:")
                show_comparison(usual, other)
    if trials:
        say()
    if applied and best is not None:
        say(f"Applied: {best.proposal.name} = {best.proposal.value:g}. Take it back with tocsin tune --withdraw.")
    elif best is not None:
        say(f"Proposed: {best.proposal.name} = {best.proposal.value:g}. Nothing is changed; --apply puts it in force.")
    elif trials:
        say("Proposed: nothing. By replay each of them loses alarms that nobody called false, or spares none.")
    for row in applied_thresholds(store, now):
        say(
            f"In force since {row.applied_at:%Y-%m-%d}: {row.name} = {row.value:g} for {row.brand or 'all brands'}"
            f" ({row.why})"
        )


def _document(
    store: Store, tuning: Tuning, trials: list[Trial], best: Trial | None, now: datetime, *, applied: bool
) -> dict[str, object]:
    from analyzers.backtest_figures import compared  # Heavy: see `tune`
    from tocsin.store.thresholds import applied_thresholds  # as above

    return {
        "why": tuning.why,
        "false_a_brand_month": tuning.false_a_month,
        "proposed": {"name": best.proposal.name, "value": best.proposal.value} if best else None,
        "applied": applied,
        "trials": [
            {
                "name": trial.proposal.name,
                "value": trial.proposal.value,
                "before": trial.proposal.before,
                "spared": trial.spared,
                "turned": trial.turned,
                "lost": trial.lost,
                "gone": [t.last.id for a, b in zip(trial.usual, trial.other, strict=True) for t in compared(a, b).gone],
                "come": [t.last.id for a, b in zip(trial.usual, trial.other, strict=True) for t in compared(a, b).come],
            }
            for trial in trials
        ],
        "in_force": applied_thresholds(store, now),
    }


def _withdrawn(count: int, brand: str | None, *, as_json: bool) -> None:
    if as_json:
        show_json({"withdrawn": count, "brand": brand})
    else:
        say(f"{count} threshold{'s' if count != 1 else ''} taken back for {brand or 'all brands'}; the defaults hold.")

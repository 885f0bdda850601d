"""`tocsin fit`: weigh the parts of thread risk by what became of the threads in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import progress, say, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from analyzers.risk_figures import RiskFigures
    from analyzers.risk_history import FitReport


def add_to(app: typer.Typer) -> None:
    """Register the commands of this group."""
    app.command()(fit)


def fit(
    config: ConfigPath = DEFAULT_CONFIG,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Go back to the weights that Tocsin ships; fits nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fit the weights of thread risk to what became of past threads, and keep them where they are not worse."""
    # Heavy: NumPy and SciPy would cost every `tocsin --help` half a second.
    from analyzers.live_risks import weights_in_force
    from analyzers.risk_history import fit_store
    from tocsin.plans import known_accounts
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError
    from tocsin.store.risks import withdraw_weights

    with failures(StoreError):
        settings = load(config)
        if not settings.brands:
            raise ConfigError(f"{config}: no [[brands]] to listen for; add one with its name and aliases")
        with open_store(settings.store, create=False) as store, progress() as bar:
            if withdraw:
                before = withdraw_weights(store)
                version = weights_in_force(store).version
            else:
                bar.add_task("reading past threads", total=None)
                names = [brand.name for brand in settings.brands]
                report = fit_store(store, names, datetime.now(UTC), known_accounts(settings).staff)
    if withdraw:
        _tell_withdrawn(before, version, as_json=as_json)
    elif as_json:
        show_json(report)
    else:
        _tell(report)


def _tell_withdrawn(before: str | None, version: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"withdrawn": before, "version": version})
    elif before is None:
        say(f"Nothing fitted was in force; {version} is.")
    else:
        say(f"{before} withdrawn; {version} is in force, from the next detection on.")


def _tell(report: FitReport) -> None:
    say(
        f"{report.threads} past threads can be judged ({report.rows} forecasts); {report.outcomes} became a pile-on"
        " after one."
    )
    if report.fitted and report.shipped:
        say(f"{'on threads left out of the fit':32}{'Brier':>9}{'area':>8}")
        _tell_figures("fitted here", report.fitted)
        _tell_figures("as shipped", report.shipped)
        say(f"{'the constant share':32}{report.fitted.brier_of_the_constant:9.5f}{0.5:8.3f}")
        say("forecast    came true    forecasts")
        for one in report.fitted.bins:
            say(f"{one.forecast:8.2%}    {one.met:9.2%}    {one.rows:9}")
    say(f"{report.why[0].upper()}{report.why[1:]}.")
    say(f"In force: {report.version}.")


def _tell_figures(name: str, figures: RiskFigures) -> None:
    say(f"{name:32}{figures.brier:9.5f}{figures.auc:8.3f}")

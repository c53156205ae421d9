"""jaksim backtest: predict each published trial from the others and score the predictions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def backtest(
    plan: Annotated[
        str, typer.Argument(metavar="[PLAN]", help="A backtest that comes with jaksim, or your own file (TOML).")
    ] = "mortality",
    json: Json = False,
) -> None:
    """Predict each published trial's headline effect from the other trials alone."""
    from jaksim.calibration.backtest import backtest as run
    from jaksim.calibration.backtest import load_backtest
    from jaksim.version import __version__

    loaded = load_backtest(plan)
    found = run(loaded.trials, loaded.published, loaded.spread)
    document = {
        "backtest": plan,
        "title": loaded.title,
        "headline": loaded.headline,
        "spread": asdict(loaded.spread),
        **asdict(found),
        "version": __version__,
    }
    if json:
        write_json(document)
        return
    from jaksim.cli.output import print_report
    from jaksim.report.backtest import backtest_report

    print_report(backtest_report(document))

"""jaksim backtest: predict each published trial from the others and score the predictions."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def backtest(
    plan: Annotated[
        str, typer.Argument(metavar="[OUTCOME]", help="An outcome, `all` for every one, or your own file (TOML).")
    ] = "mortality",
    json: Json = False,
) -> None:
    """Predict each published trial's headline effect from the other trials alone."""
    from jaksim.verbs.backtest import backtest as run

    print_answer(run(plan), json)

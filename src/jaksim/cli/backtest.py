"""jaksim backtest: predict each published trial from the others and score the predictions."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.cli.progress import shown_progress
from jaksim.verbs.options.backtest import BacktestOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(BacktestOptions)
def backtest(
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="[OUTCOME]",
            help="An outcome (default: mortality), `all` for every one, or your own file (TOML); "
            "with --mechanistic it is predicted beside.",
            show_default=False,
        ),
    ] = None,
    *,
    json: Json = False,
    options: BacktestOptions,
) -> None:
    """Predict each published trial from the other trials alone.

    Its headline effect by a hierarchy of published effects; with --mechanistic every figure of it by the disease model.
    """
    from jaksim.verbs.backtest import backtest as run

    if not options.mechanistic:
        print_answer(run(plan, **vars(options)), json)
        return
    with shown_progress("trials", len(options.studies) or None) as advance:
        found = run(plan, **{**vars(options), "progress": advance})
    print_answer(found, json)

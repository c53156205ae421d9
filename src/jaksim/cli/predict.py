"""jaksim predict: the predictive distribution of a new trial's estimates."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.cli.output.figures import checked_plot, written_plot
from jaksim.verbs.options.predict import PredictOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(PredictOptions)
def predict(
    scenario: ScenarioName,
    *,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Write a figure of the intervals and successes (PNG, SVG or PDF)."),
    ] = None,
    json: Json = False,
    options: PredictOptions,
) -> None:
    """Predict the estimates of a trial that has not been run, and its probability of success."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.predict import predict as prediction_of

    checked_plot(plot)
    with shown_progress("parameter draws", options.draws) as progress:
        found = prediction_of(scenario, **vars(replace(options, progress=progress)))
    written_plot(found, plot)
    print_answer(found, json)

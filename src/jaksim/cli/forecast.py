"""jaksim forecast: how a running trial goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.verbs.options.forecast import ForecastOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ForecastOptions, before="workers")
def forecast(
    scenario: ScenarioName,
    data: Annotated[
        str,
        typer.Option(
            "--data", metavar="LOG", help="The log, a row for each event, .csv or .parquet; - for standard input."
        ),
    ],
    *,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Write a plot (PNG, SVG or PDF) of enrolment so far and to come."),
    ] = None,
    json: Json = False,
    options: ForecastOptions,
) -> None:
    """Forecast a running trial from its log: last patient, dates and events of its analyses, conditional power."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.forecast import forecast as forecast_of

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    with shown_progress("replicates", options.replicates) as progress:
        found = forecast_of(scenario, data, **vars(replace(options, progress=progress)))
    if plot is not None:
        from jaksim.report.plots.forecast import plot_forecast

        plot_forecast(found, plot)
    print_answer(found, json)

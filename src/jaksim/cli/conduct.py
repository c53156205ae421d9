"""jaksim conduct: how a trial goes at its sites."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.verbs.options.conduct import ConductOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ConductOptions, before="workers")
def conduct(
    scenario: ScenarioName,
    *,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot", metavar="FILE", help="Write a plot (PNG, SVG or PDF) of enrolment, sites and analyses by day."
        ),
    ] = None,
    json: Json = False,
    options: ConductOptions,
) -> None:
    """Conduct a trial at its sites: enrolment, screening, analyses, data and cost by day, with its power."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.conduct import conduct as conducted

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    with shown_progress("replicates", options.replicates) as progress:
        found = conducted(scenario, **vars(replace(options, progress=progress)))
    if plot is not None:
        from jaksim.report.plots.conduct import plot_conduct

        plot_conduct(found, plot)
    print_answer(found, json)

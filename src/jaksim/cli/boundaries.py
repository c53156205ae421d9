"""jaksim boundaries: when a trial may stop early."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.verbs.options.boundaries import BoundariesOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(BoundariesOptions)
def boundaries(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]", help="Scenario with [monitoring], for the days and meaning of its bounds."
        ),
    ] = None,
    *,
    plot: Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Write a plot (png, svg or pdf).")] = None,
    json: Json = False,
    options: BoundariesOptions,
) -> None:
    """Boundaries of a group-sequential trial: efficacy, futility and harm, with what they spend and save."""
    from jaksim.cli.progress import shown_progress
    from jaksim.report.plots.figure_file import check_plot
    from jaksim.trial.monitoring.boundaries import Boundaries
    from jaksim.verbs.boundaries import boundaries as run

    if plot is not None:
        check_plot(plot)
    if scenario is None:
        found = run(**vars(options))
    else:
        with shown_progress("replicates", options.replicates) as progress:
            found = run(scenario, **vars(replace(options, progress=progress)))
    if plot is not None:
        from jaksim.report.plots.boundaries import plot_boundaries
        from jaksim.report.plots.charter import plot_charter

        plot_boundaries(found, plot) if isinstance(found, Boundaries) else plot_charter(found, plot)
    print_answer(found, json)

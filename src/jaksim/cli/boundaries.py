"""jaksim boundaries: when a trial may stop early."""

from __future__ import annotations

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
    *,
    plot: Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Write a plot (png, svg or pdf).")] = None,
    json: Json = False,
    options: BoundariesOptions,
) -> None:
    """Boundaries of a group-sequential trial: efficacy, futility and harm, with what they spend and save."""
    from jaksim.report.plots.figure_file import check_plot
    from jaksim.verbs.boundaries import boundaries as run

    if plot is not None:
        check_plot(plot)
    found = run(**vars(options))
    if plot is not None:
        from jaksim.report.plots.boundaries import plot_boundaries

        plot_boundaries(found, plot)
    print_answer(found, json)

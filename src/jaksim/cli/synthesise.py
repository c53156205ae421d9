"""jaksim evidence synthesise: pooled effects, class against agent, interactions."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.errors import InputError


def synthesise(
    outcome: Annotated[
        str | None,
        typer.Argument(
            metavar="[OUTCOME]", help="An outcome that --list names (default: mortality), or your own file."
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the outcomes, with how far trials differ in each.")
    ] = False,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="Write a forest plot (PNG, SVG or PDF).")
    ] = None,
    funnel: Annotated[
        str | None, typer.Option("--funnel", metavar="FILE", help="Write a funnel plot (PNG, SVG or PDF).")
    ] = None,
    json: Json = False,
) -> None:
    """Pool the catalogue: classes, agents, interaction."""
    from jaksim.evidence import outcomes
    from jaksim.evidence import synthesise as pooled

    if listed:
        if outcome is not None or plot is not None or funnel is not None:
            raise InputError("the list is of all outcomes", where="--list", allowed="neither an outcome nor a plot")
        print_answer(outcomes(), json)
        return
    if plot is not None or funnel is not None:
        from jaksim.report.plots.figure_file import check_plots

        check_plots({"plot": plot, "funnel": funnel})
    found = pooled("mortality" if outcome is None else outcome)
    if plot is not None:
        from jaksim.report.plots.forest import plot_forest

        plot_forest(found, plot)
    if funnel is not None:
        from jaksim.report.plots.funnel import plot_funnel

        plot_funnel(found, funnel)
    print_answer(found, json)

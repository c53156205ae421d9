"""jaksim show phases: effects that act through phases of the disease, by days since onset."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.verbs.options.show_phases import ShowPhasesOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ShowPhasesOptions)
def show_phases(
    scenario: ScenarioName,
    *,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="Write a figure of it (PNG, SVG or PDF).")
    ] = None,
    json: Json = False,
    options: ShowPhasesOptions,
) -> None:
    """Phases of the disease by days since onset, and what comes of patients who are enrolled early or late."""
    from jaksim.verbs.showing.phases import show_phases as shown

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    found = shown(scenario, **vars(options))
    if plot is not None:
        found.plot(plot)
    print_answer(found, json)

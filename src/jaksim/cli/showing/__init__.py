"""jaksim show: what a scenario expects, by the exact law."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import note, print_answer
from jaksim.verbs.options.show import ShowOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ShowOptions)
def show(
    scenario: ScenarioName,
    *,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot",
            metavar="FILE|PREFIX",
            help="Write a figure to a file (PNG, SVG or PDF), or every figure to PREFIX-occupation.png, -moves.png, "
            "-patients.png and -window.png.",
        ),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option(
            "--figure",
            help="With --plot FILE: occupation (when left out), moves, patients (simulated) or window.",
        ),
    ] = None,
    json: Json = False,
    options: ShowOptions,
) -> None:
    """State occupation, endpoints, moves and windows of a scenario in each arm, by the exact law."""
    from jaksim.errors import InputError
    from jaksim.verbs.showing.show import show as shown

    if plot is None:
        if figure is not None:
            raise InputError("a figure is written to a file", where="--figure", allowed="--plot FILE")
        print_answer(shown(scenario, **vars(options)), json)
        return
    from jaksim.report.plots.showing.figures import places_of, plot_shown

    places_of(plot, figure)
    answer = shown(scenario, **vars(options))
    for path in plot_shown(answer, plot, figure):
        note(f"figure: {path}")
    print_answer(answer, json)

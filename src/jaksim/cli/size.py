"""jaksim size: patients needed for a power or an assurance."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flag, flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.cli.output.figures import checked_plot, written_plot
from jaksim.verbs.options.size import AssuranceOptions, SizeOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(SizeOptions, before="workers", helps={"power": "Power, or with --assurance the assurance, wanted."})
def size(
    scenario: ScenarioName,
    *,
    assurance: Annotated[
        bool, typer.Option("--assurance", help="Average the power over the posterior of the parameters.")
    ] = False,
    draws: Annotated[int | None, flag(AssuranceOptions, "draws", "With --assurance: ")] = None,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Write a figure of power against patients (PNG, SVG or PDF)."),
    ] = None,
    json: Json = False,
    options: SizeOptions,
) -> None:
    """Patients needed for a power, by simulation, with the analytic answer beside it."""
    from jaksim.cli.progress import shown_progress
    from jaksim.errors import InputError

    checked_plot(plot)
    if not assurance:
        if draws is not None:
            raise InputError("parameters are drawn for an assurance only", where="‹draws›", allowed="--assurance")
        from jaksim.verbs.size import size as size_of

        with shown_progress("replicates", None) as progress:
            found = size_of(scenario, **vars(replace(options, progress=progress)))
        written_plot(found, plot)
        print_answer(found, json)
        return
    if options.replicates is not None or options.engine != "auto" or options.door != "auto":
        raise InputError(
            "an assurance is averaged over draws of large-sample powers", where="--replicates, --engine, --door"
        )
    from jaksim.verbs.assurance import assurance as assurance_of

    asked = AssuranceOptions(
        target=options.power, analysis=options.analysis, seed=options.seed, changes=options.changes
    )
    asked = asked if draws is None else replace(asked, draws=draws)
    with shown_progress("parameter draws", asked.draws) as progress:
        averaged = assurance_of(scenario, **vars(replace(asked, progress=progress)))
    written_plot(averaged, plot)
    print_answer(averaged, json)

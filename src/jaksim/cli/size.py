"""jaksim size: patients needed for a power or an assurance."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json, Seed, Settings, Workers
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def size(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML), or a name such as actt4.")],
    power: Annotated[float, typer.Option("--power", help="Power, or with --assurance the assurance, wanted.")] = 0.9,
    analysis: Annotated[
        str, typer.Option("--analysis", help="Name of the analysis; the primary one when left out.")
    ] = "",
    replicates: Annotated[
        int | None, typer.Option("--replicates", help="Simulated trials at each step; 100,000 when left out.")
    ] = None,
    seed: Seed = None,
    engine: Annotated[
        str, typer.Option("--engine", help="law: counts from exact laws; path: every patient simulated; auto.")
    ] = "auto",
    assurance: Annotated[
        bool, typer.Option("--assurance", help="Average the power over the posterior of the parameters.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option("--draws", help="With --assurance: parameter draws; 400 when left out.", min=20)
    ] = None,
    workers: Workers = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Patients needed for a power, by simulation, with the analytic answer beside it."""
    from jaksim.cli.progress import shown_progress
    from jaksim.design.settings import DEFAULT_REPLICATES, DEFAULT_SEED
    from jaksim.errors import InputError
    from jaksim.scenario import load_scenario
    from jaksim.verbs.size import DEFAULT_DRAWS
    from jaksim.verbs.size import assurance as assurance_of
    from jaksim.verbs.size import size as size_of

    if draws is not None and not assurance:
        raise InputError("parameters are drawn for an assurance only", where="--draws", allowed="--assurance")
    if assurance and (replicates is not None or engine != "auto"):
        raise InputError("an assurance is averaged over draws of large-sample powers", where="--replicates, --engine")
    loaded = load_scenario(scenario, changes=settings or ())
    chosen = DEFAULT_SEED if seed is None else seed
    if assurance:
        total = DEFAULT_DRAWS if draws is None else draws
        with shown_progress("parameter draws", total) as progress:
            averaged = assurance_of(
                loaded, target=power, analysis=analysis, draws=total, seed=chosen, progress=progress
            )
        print_answer(averaged, json)
        return
    with shown_progress("replicates", None) as progress:
        result = size_of(
            loaded,
            power=power,
            analysis=analysis,
            replicates=DEFAULT_REPLICATES if replicates is None else replicates,
            seed=chosen,
            engine=engine,
            workers=workers,
            progress=progress,
        )
    print_answer(result, json)

"""jaksim simulate: the patients of one simulated trial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jaksim.cli.options import Json, Seed, Settings
from jaksim.cli.output import note, print_report, write_json, write_text

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def simulate(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML), or a name such as actt4.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write, .csv or .parquet.")],
    replicate: Annotated[int, typer.Option("--replicate", metavar="I", help="Which simulated trial, from 0.")] = 0,
    counterfactual: Annotated[
        bool,
        typer.Option(
            "--counterfactual", help="Every patient under the regimen of each arm, with the same random numbers."
        ),
    ] = False,
    as_known: Annotated[
        bool,
        typer.Option(
            "--as-known", help="Leave out what was not known yet on the day of the analysis that ended the trial."
        ),
    ] = False,
    engine: Annotated[
        str,
        typer.Option("--engine", help="Engine of jaksim power that the trial is one of; only path has daily scores."),
    ] = "path",
    seed: Seed = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Write the daily scores and endpoints of the patients of one replicate of jaksim power --engine path to a file.

    A trial with interim or adaptive analyses is conducted: the file has the patients enrolled until it ended, with
    their complete follow-up unless --as-known is given.
    """
    from jaksim.design.patients.patient_table import check_output
    from jaksim.design.settings import DEFAULT_SEED
    from jaksim.errors import InputError
    from jaksim.scenario import load_scenario
    from jaksim.verbs.power import simulate_trial

    check_output(out)
    if engine != "path":
        raise InputError(
            "patients drawn from the law have no daily scores", where="--engine", allowed="path", got=engine
        )
    loaded = load_scenario(scenario, changes=settings or ())
    if loaded.trial.in_calendar_time and counterfactual:
        note(
            "jaksim: all planned patients are written, without accrual, interim analyses or adaptation; "
            "they are not those of a replicate of jaksim power"
        )
    simulated = simulate_trial(
        loaded,
        replicate=replicate,
        seed=DEFAULT_SEED if seed is None else seed,
        counterfactual=counterfactual,
        as_known=as_known,
    )
    simulated.write(out)
    if json:
        write_json({"scenario": scenario, "file": str(out), **simulated.as_dict()})
        return
    under = " under each regimen" if counterfactual else ""
    write_text(f"{len(simulated.patients)} patients of replicate {replicate}{under} written to {out}")
    from jaksim.report.simulated import ending_and_effects

    print_report(ending_and_effects(simulated))

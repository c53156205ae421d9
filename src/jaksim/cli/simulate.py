"""jaksim simulate: the patients of one simulated trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import note, print_report, write_json, write_text
from jaksim.verbs.options.simulate import SimulateOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(SimulateOptions, before="seed")
def simulate(
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write, .csv or .parquet.")],
    *,
    engine: Annotated[
        str,
        typer.Option("--engine", help="Engine of jaksim power that the trial is one of; only path has daily scores."),
    ] = "path",
    json: Json = False,
    options: SimulateOptions,
) -> None:
    """Write the daily scores and endpoints of the patients of one replicate of jaksim power --engine path to a file.

    A trial with interim or adaptive analyses is conducted: the file has the patients enrolled until it ended, with
    their complete follow-up unless --as-known is given.
    """
    from jaksim.design.patients.patient_table import check_output
    from jaksim.errors import InputError
    from jaksim.verbs.asked import scenario_of
    from jaksim.verbs.simulate import simulate_trial

    check_output(out)
    if engine != "path":
        raise InputError(
            "patients drawn from the law have no daily scores", where="--engine", allowed="path", got=engine
        )
    loaded = scenario_of(scenario, options.changes)
    if loaded.trial.in_calendar_time and options.counterfactual:
        note(
            "jaksim: all planned patients are written, without accrual, interim analyses or adaptation; "
            "they are not those of a replicate of jaksim power"
        )
    simulated = simulate_trial(loaded, **vars(replace(options, changes=())))
    simulated.write(out)
    if json:
        write_json({"scenario": simulated.scenario, "file": str(out), **simulated.as_dict()})
        return
    under = " under each regimen" if options.counterfactual else ""
    write_text(f"{len(simulated.patients)} patients of replicate {options.replicate}{under} written to {out}")
    from jaksim.report.simulated import ending_and_effects

    print_report(ending_and_effects(simulated))

"""jaksim reproduce: simulate a published trial and place its figures among the simulated ones."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def reproduce(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="A calibrated study by name, or your own study file.")],
    parameters: Annotated[
        str | None,
        typer.Option("--parameters", metavar="SET", help="Parameter set; by default the one named like the study."),
    ] = None,
    replicates: Annotated[int, typer.Option("--replicates", help="Simulated trials.", min=100)] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random numbers.", min=0)] = 1,
    json: Json = False,
) -> None:
    """Simulate a published trial and place each of its figures on the distribution of the same statistic."""
    from jaksim.calibration.reproduce import reproduce as simulate
    from jaksim.calibration.study import load_calibration_study
    from jaksim.errors import InputError
    from jaksim.model.parameter_set import load_parameter_set

    started = time.perf_counter()
    loaded = load_calibration_study(study)
    fitted = load_parameter_set(parameters or loaded.name)
    if fitted.template.names != loaded.template.names:
        raise InputError("the parameter set belongs to another model", where="--parameters", got=fitted.name)
    placed = simulate(loaded, fitted.estimate, replicates=replicates, seed=seed)
    document = {
        "study": loaded.name,
        "title": loaded.title,
        "parameter_set": {"name": fitted.name, "hash": fitted.hash},
        "replicates": replicates,
        "seed": seed,
        "figures": [asdict(one) for one in placed],
        "elapsed_seconds": round(time.perf_counter() - started, 3),
    }
    if json:
        write_json(document)
        return
    from jaksim.cli.output import print_report
    from jaksim.report.reproduce import reproduction_report

    print_report(reproduction_report(document))

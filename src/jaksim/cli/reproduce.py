"""jaksim reproduce: simulate a published trial and place its figures among the simulated ones."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer

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
    from jaksim.verbs.calibrate import reproduce as run

    print_answer(run(study, parameters=parameters, replicates=replicates, seed=seed), json)

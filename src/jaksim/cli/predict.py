"""jaksim predict: the predictive distribution of a new trial's estimates."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json, Seed, Settings
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def predict(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML), or a name such as actt4.")],
    draws: Annotated[int, typer.Option("--draws", help="Parameter draws.", min=20)] = 200,
    replicates: Annotated[int, typer.Option("--replicates", help="Simulated trials for each draw.", min=10)] = 200,
    between_trial_sd: Annotated[
        float | None,
        typer.Option(
            "--between-trial-sd",
            help="How much a treatment's benefit differs from trial to trial (SD of the log hazard ratio); "
            "as the scenario says when left out.",
            min=0.0,
        ),
    ] = None,
    seed: Seed = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Predict the estimates of a trial that has not been run, and its probability of success."""
    from jaksim.cli.progress import shown_progress
    from jaksim.design.settings import DEFAULT_SEED
    from jaksim.scenario import load_scenario
    from jaksim.verbs.power import predict as prediction_of

    loaded = load_scenario(scenario, changes=settings or ())
    with shown_progress("parameter draws", draws) as progress:
        result = prediction_of(
            loaded,
            draws=draws,
            replicates=replicates,
            between_trial_sd=between_trial_sd,
            seed=DEFAULT_SEED if seed is None else seed,
            progress=progress,
        )
    print_answer(result, json)

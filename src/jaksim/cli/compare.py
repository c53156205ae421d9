"""jaksim compare: what differs between two scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json, Seed, Settings, Workers
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario file (TOML), or a name such as actt4.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Scenario file compared with it.")],
    replicates: Annotated[
        int | None, typer.Option("--replicates", help="Number of simulated trials; 100,000 when left out.")
    ] = None,
    seed: Seed = None,
    engine: Annotated[
        str, typer.Option("--engine", help="law: counts from exact laws; path: every patient simulated; auto.")
    ] = "auto",
    workers: Workers = None,
    settings: Settings = None,
    second_settings: Annotated[
        list[str] | None,
        typer.Option("--set-second", metavar="KEY=VALUE", help="Replace one value of the second scenario alone."),
    ] = None,
    json: Json = False,
) -> None:
    """Differences in power and estimates between two scenarios, on common random numbers."""
    from jaksim.cli.progress import shown_progress
    from jaksim.design.settings import DEFAULT_REPLICATES, DEFAULT_SEED
    from jaksim.scenario import load_scenario
    from jaksim.verbs.size import compare as comparison_of

    total = DEFAULT_REPLICATES if replicates is None else replicates
    changes = settings or []
    loaded = load_scenario(first, changes=changes), load_scenario(second, changes=[*changes, *(second_settings or [])])
    with shown_progress("replicates", total) as progress:
        result = comparison_of(
            *loaded,
            replicates=total,
            seed=DEFAULT_SEED if seed is None else seed,
            engine=engine,
            workers=workers,
            progress=progress,
        )
    print_answer(result, json)

"""jaksim show population: what patients bring along, and what each exclusion does to them."""

from __future__ import annotations

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.verbs.options.show_population import ShowPopulationOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ShowPopulationOptions)
def show_population(scenario: ScenarioName, *, json: Json = False, options: ShowPopulationOptions) -> None:
    """What the patients of a scenario bring along, and what each criterion of eligibility does to them."""
    from jaksim.verbs.showing.population import show_population as shown

    print_answer(shown(scenario, **vars(options)), json)

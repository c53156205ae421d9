"""jaksim interim: what to do at an analysis that has been made."""

from __future__ import annotations

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.verbs.options.interims import InterimOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(InterimOptions)
def interim(scenario: ScenarioName, *, json: Json = False, options: InterimOptions) -> None:
    """What the design says at an analysis that has been made: crossed or not, intervals, p values, what is to come."""
    from jaksim.verbs.interims.interim import interim as run

    print_answer(run(scenario, **vars(options)), json)

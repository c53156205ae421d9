"""jaksim compare: what differs between two scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.verbs.options.compare import CompareOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(CompareOptions)
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario file (TOML), or a name such as actt4.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Scenario file compared with it.")],
    *,
    json: Json = False,
    options: CompareOptions,
) -> None:
    """Differences in power and estimates between two scenarios, on common random numbers."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.compare import both_scenarios
    from jaksim.verbs.compare import compare as comparison_of
    from jaksim.verbs.door import chosen_door, replicates_by

    both = both_scenarios(first, second, options)
    total = replicates_by(chosen_door(options.door, *both, engine=options.engine), options.replicates)
    with shown_progress("replicates", total) as progress:
        asked = replace(options, changes=(), second_changes=(), progress=progress)
        found = comparison_of(*both, **vars(asked))
    print_answer(found, json)

"""jaksim compare: what differs between scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.cli.output.figures import checked_plot, written_plot
from jaksim.verbs.options.compare import CompareOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(CompareOptions)
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario file (TOML), or a name such as actt4.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Scenario file compared with it.")],
    others: Annotated[
        list[str] | None, typer.Argument(metavar="[C]...", help="More scenario files, all side by side.")
    ] = None,
    *,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="Write a figure of powers and differences (PNG, SVG, PDF)."),
    ] = None,
    json: Json = False,
    options: CompareOptions,
) -> None:
    """Differences in power and estimates between scenarios, on common random numbers."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.compare import all_scenarios
    from jaksim.verbs.compare import compare as comparison_of
    from jaksim.verbs.door import chosen_door, replicates_by

    checked_plot(plot)
    scenarios = all_scenarios((first, second, *(others or ())), options)
    total = replicates_by(chosen_door(options.door, *scenarios, engine=options.engine), options.replicates)
    with shown_progress("replicates", total) as progress:
        asked = replace(options, changes=(), second_changes=(), changes_of=(), progress=progress)
        found = comparison_of(*scenarios, **vars(asked))
    written_plot(found, plot)
    print_answer(found, json)

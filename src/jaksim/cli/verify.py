"""jaksim verify: worked results of other software, run by the installed tool."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE...]", help="Cases by id, or kinds of cases; all when left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Run worked results of other software and papers, and compare. Exit code 1 when a covered case fails."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.verify import verify as run
    from jaksim.verification.case import choose, load_cases

    with shown_progress("cases", len(choose(load_cases(), names or ()))) as progress:
        found = run(*(names or ()), progress=progress)
    print_answer(found, json)
    if found.failed:
        raise typer.Exit(1)

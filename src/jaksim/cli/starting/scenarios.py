"""jaksim scenarios: the scenarios that come with jaksim."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def scenarios(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="Only those of which something has this word.")
    ] = None,
    json: Json = False,
) -> None:
    """List the scenarios that come with jaksim: name, title, scale, patients and kind of design."""
    from jaksim.verbs.new.scenarios import scenarios as listed

    print_answer(listed(word), json)

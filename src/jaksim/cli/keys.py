"""jaksim keys: what every key of a scenario file means."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def keys(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="Show only keys in which a word begins so.")
    ] = None,
    json: Json = False,
) -> None:
    """Describe the keys of scenario files."""
    from jaksim.verbs.keys import keys as described

    print_answer(described(word), json)

"""jaksim keys: what every key of a scenario file means."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def keys(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="Show only keys in which a word begins so.")
    ] = None,
    json: Json = False,
) -> None:
    """Describe the keys of scenario files."""
    from jaksim.errors import InputError, nearest
    from jaksim.scenario.reference import described_keys

    every = described_keys()
    start_of_word = re.compile(rf"(?<![a-z]){re.escape(word or '')}", re.IGNORECASE)
    rows = [row for row in every if start_of_word.search(f"{row.path} {row.description}")]
    if not rows:
        near = nearest(word or "", {part for row in every for part in row.path.split(".")})
        hint = f"; did you mean {near!r}?" if near else ""
        raise InputError("no key has this word", where="keys", allowed=f"`jaksim keys` lists all{hint}", got=word)
    if json:
        write_json({"keys": [row.as_dict() for row in rows]})
        return
    from jaksim.cli.output import print_report
    from jaksim.report.keys import keys_report

    print_report(keys_report([(row.path, row.holds, row.description) for row in rows]))

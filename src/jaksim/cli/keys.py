"""jaksim keys: what every key of a file means."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import answering_as_text, print_answer, write_json
from jaksim.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def keys(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="Show only keys in which a word begins so.")
    ] = None,
    file: Annotated[str, typer.Option(help="Kind of file: scenario, scale, study or evidence.")] = "scenario",
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the kind of file, for editors.")
    ] = False,
    json: Json = False,
) -> None:
    """Describe the keys of scenario, scale, study and evidence files."""
    from jaksim.verbs.keys import keys as described

    if not schema:
        print_answer(described(word, file=file), json)
        return
    if word is not None:
        raise InputError("a schema has every key", where="--schema", allowed="without a word", got=word)
    if json or not answering_as_text():
        raise InputError("a schema is JSON as it is", where="--schema", allowed="without --json, --format, --report")
    write_json(described(file=file).schema())

"""jaksim merge: the parts of one sweep, made in several directories, brought together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jaksim.cli.options import Json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def merge(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Directory of the whole sweep; new, or one part of it.")],
    directories: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Directories with parts of the sweep.")],
    json: Json = False,
) -> None:
    """Join the parts of a sweep that `--shard I/N` made; writes the results when nothing is missing."""
    from jaksim.cli.sweep import report_state
    from jaksim.verbs.sweep.sweep import merge as merge_parts

    report_state(merge_parts(out, directories), json)

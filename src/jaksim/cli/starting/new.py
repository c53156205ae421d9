"""jaksim new: the files of a trial of one's own."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated, Any

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import note, print_answer
from jaksim.errors import InputError
from jaksim.verbs.options.new import NewOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(NewOptions)
def new(
    directory: Annotated[str, typer.Argument(metavar="DIRECTORY", help="A new directory for the files.")],
    *,
    json: Json = False,
    options: NewOptions,
) -> None:
    """Write scale, evidence, study and scenario of a trial of your own, or copy a scenario.

    What is not given by a flag is asked for where the command is typed at a terminal.
    """
    from jaksim.verbs.new.new import new as write

    if options.copy is None and sys.stdin is not None and sys.stdin.isatty():
        options = _asked(options)
    print_answer(write(directory, **vars(options)), json)


def _asked(options: NewOptions) -> NewOptions:
    """The options with what is missing asked for, each again until it can be used."""
    from jaksim.verbs.new.asking import QUESTIONS, check_so_far, wanted

    for question in QUESTIONS:
        while wanted(question, options):
            answer = typer.prompt(
                question.words(options), default=question.default, show_default=bool(question.default)
            )
            try:
                tried: Any = replace(options, **question.read(str(answer)))
                check_so_far(tried)
            except InputError as error:
                note(f"  {error.in_flags()}")
                continue
            options = tried
            break
    return options

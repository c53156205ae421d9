"""jaksim evidence balance: benefit and risk with stated weights."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.errors import InputError


def balance(
    question: Annotated[
        str | None,
        typer.Argument(metavar="[QUESTION]", help="A question that --list names (default: actt-2), or your own file."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the questions that ship.")] = False,
    json: Json = False,
) -> None:
    """Weigh benefits against harms: numbers needed, net benefit, and the weights at which it turns."""
    from jaksim.evidence import balance as asked
    from jaksim.evidence import balance_questions

    if listed:
        if question is not None:
            raise InputError("the list is of all questions", where="--list", allowed="no question", got=question)
        print_answer(balance_questions(), json)
        return
    print_answer(asked("actt-2" if question is None else question), json)

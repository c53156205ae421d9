"""jaksim evidence synthesise: pooled effects, class against agent, interactions."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer


def synthesise(
    outcome: Annotated[
        str, typer.Option("--outcome", help="Name of a synthesis that ships with jaksim, or a synthesis file.")
    ] = "mortality",
    json: Json = False,
) -> None:
    """Pool the catalogue: classes, agents, interaction."""
    from jaksim.evidence import synthesise as pooled

    print_answer(pooled(outcome), json)

"""jaksim evidence synthesise: pooled effects, class against agent, interactions."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json, write_text


def synthesise(
    outcome: Annotated[
        str, typer.Option("--outcome", help="Name of a synthesis that ships with jaksim, or a synthesis file.")
    ] = "mortality",
    json: Json = False,
) -> None:
    """Pool the catalogue: classes, agents, interaction."""
    from jaksim.cli.synthesis_text import synthesis_page
    from jaksim.evidence.synthesis.answers import synthesise as answer
    from jaksim.evidence.synthesis.plain import as_dict

    answers = as_dict(answer(outcome))
    write_json(answers) if json else write_text(synthesis_page(answers))

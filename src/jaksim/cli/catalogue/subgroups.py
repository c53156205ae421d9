"""jaksim evidence subgroups: subgroups shrunken, and findings in them against chance."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.errors import InputError


def subgroups(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION]", help="A question that --list names (default: jak-inhibitors), or your own file."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the questions that ship.")] = False,
    scale: Annotated[
        float | None,
        typer.Option(metavar="SD", help="Scale of the half-normal prior of the spread between levels."),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(metavar="N", help="Simulated trials without any difference (default: 20000).")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Seed of the simulated trials (default: 1).")] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="Write a forest plot (PNG, SVG or PDF).")
    ] = None,
    json: Json = False,
) -> None:
    """Shrink subgroup effects, and say how likely a finding of that size is noise."""
    from jaksim.evidence import subgroup_questions
    from jaksim.evidence import subgroups as asked
    from jaksim.evidence.subgroups.answers import REPLICATES, SEED

    if listed:
        if any(value is not None for value in (question, scale, replicates, seed, plot)):
            raise InputError("the list is of all questions", where="--list", allowed="no question and no other option")
        print_answer(subgroup_questions(), json)
        return
    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    found = asked(
        "jak-inhibitors" if question is None else question,
        scale=scale,
        replicates=REPLICATES if replicates is None else replicates,
        seed=SEED if seed is None else seed,
    )
    if plot is not None:
        found.plot(plot)
    print_answer(found, json)

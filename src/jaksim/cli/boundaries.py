"""jaksim boundaries: when a trial may stop early."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import print_answer, write_json
from jaksim.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LIST = "F1,F2,..."


@app.command()
def boundaries(
    looks: Annotated[int | None, typer.Option("--looks", help="Number of equally spaced analyses.")] = None,
    information: Annotated[
        str | None, typer.Option("--information", metavar=LIST, help="Information fractions of the analyses, up to 1.")
    ] = None,
    spending: Annotated[
        str,
        typer.Option(
            "--spending",
            help="obrien-fleming, pocock, hsd:GAMMA, power:RHO, user:A1,A2,... (spending functions); "
            "classical-obrien-fleming, classical-pocock, wang-tsiatis:DELTA, haybittle-peto:Z (boundaries).",
        ),
    ] = "obrien-fleming",
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="Level, of both tails together with two sides; 0.025 a side.")
    ] = None,
    sides: Annotated[int, typer.Option("--sides", help="1 or 2.")] = 1,
    futility: Annotated[
        str | None,
        typer.Option(
            "--futility",
            help="A spending function for beta, z:B1,B2,..., cp:LEVEL, cp-trend:LEVEL, pampallona-tsiatis:DELTA.",
        ),
    ] = None,
    beta: Annotated[float, typer.Option("--beta", help="One less the power.")] = 0.1,
    binding: Annotated[bool, typer.Option("--binding", help="Futility binds: alpha counts on stopping there.")] = False,
    harm: Annotated[str | None, typer.Option("--harm", help="A spending function for a bound for harm.")] = None,
    harm_alpha: Annotated[float, typer.Option("--harm-alpha", help="Level of the bound for harm.")] = 0.025,
    no_efficacy: Annotated[
        str, typer.Option("--no-efficacy", metavar="N1,N2,...", help="Interim analyses without a test for efficacy.")
    ] = "",
    no_futility: Annotated[
        str, typer.Option("--no-futility", metavar="N1,N2,...", help="Interim analyses without a test for futility.")
    ] = "",
    actual: Annotated[
        str | None,
        typer.Option("--actual", metavar=LIST, help="Information that the analyses so far really had; may pass 1."),
    ] = None,
    final: Annotated[
        bool | None, typer.Option("--final/--interim", help="Whether the last of the actual analyses ends the trial.")
    ] = None,
    plot: Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Write a plot (png, svg or pdf).")] = None,
    json: Json = False,
) -> None:
    """Boundaries of a group-sequential trial: efficacy, futility and harm, with what they spend and save."""
    from jaksim.report.figure_file import check_plot
    from jaksim.verbs.boundaries import boundaries as run

    if plot is not None:
        check_plot(plot)
    if final is not None and actual is None:
        raise InputError("says how the analyses made so far end", where="--final/--interim", allowed="with --actual")
    found = run(
        looks=looks,
        information=None if information is None else _numbers(information, "--information"),
        spending=spending,
        alpha=alpha,
        sides=sides,
        futility=futility,
        beta=beta,
        binding=binding,
        harm=harm,
        harm_alpha=harm_alpha,
        no_efficacy=_whole_numbers(no_efficacy, "--no-efficacy"),
        no_futility=_whole_numbers(no_futility, "--no-futility"),
        actual=None if actual is None else _numbers(actual, "--actual"),
        final=final,
    )
    if plot is not None:
        from jaksim.report.boundaries_plot import plot_boundaries

        plot_boundaries(found, plot)
    if json:
        write_json({**found.as_dict(), "version": found.provenance["version"]})
        return
    print_answer(found)


def _numbers(text: str, where: str) -> list[float]:
    from jaksim.checks import number

    return [number(part.strip(), where) for part in text.split(",")]


def _whole_numbers(text: str, where: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError("must be whole numbers with commas between them", where=where, got=text) from None

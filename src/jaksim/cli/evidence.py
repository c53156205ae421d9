"""jaksim evidence: list, show and check published figures and facts."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.catalogue.balance import balance
from jaksim.cli.catalogue.subgroups import subgroups
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.cli.synthesise import synthesise

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="List, show and check published figures and facts.")

StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="Id or registry number of a study in the catalogue, or a study file.")
]


@app.command("list")
def list_studies(
    registry: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Only studies with this registry number, such as NCT04401579."),
    ] = None,
    json: Json = False,
) -> None:
    """List the studies of the catalogue."""
    from jaksim.evidence import studies

    print_answer(studies(registry), json)


@app.command()
def show(
    study: StudyName,
    record: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="Id of one record, to see all that is known of it.")
    ] = None,
    json: Json = False,
) -> None:
    """Show everything about a study or one of its records."""
    from jaksim.evidence import show as shown

    print_answer(shown(study, record), json)


@app.command()
def facts(
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help="One topic; without it all topics are listed.")
    ] = None,
    json: Json = False,
) -> None:
    """Show facts with their sources, by topic."""
    from jaksim.evidence import show_facts

    print_answer(show_facts(topic), json)


@app.command()
def check(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="A study file, id or registry number; without it the whole catalogue and all facts."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check that the figures of each record agree, with each other and with the second reading."""
    from jaksim.evidence import check_figures

    print_answer(check_figures(file), json)


@app.command()
def pathway(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="A drug, cytokine, Janus kinase or STAT protein; without it all of the graph."
        ),
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="Write a figure of the graph (PNG, SVG or PDF).")
    ] = None,
    json: Json = False,
) -> None:
    """Show which cytokines a drug reaches through which kinase, and the other way."""
    from jaksim.evidence import pathway as asked

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    found = asked(name)
    if plot is not None:
        found.plot(plot)
    print_answer(found, json)


app.command()(synthesise)
app.command()(subgroups)
app.command()(balance)

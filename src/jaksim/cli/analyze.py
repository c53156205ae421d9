"""jaksim analyze: the analyses of a user's own trial data."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.verbs.options.analyze import AnalyzeOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(AnalyzeOptions)
def analyze(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="Patients: text, Parquet, SAS or Stata; - for standard input.")
    ],
    *,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Write curves or stacked bars, .png, .svg or .pdf.")
    ] = None,
    json: Json = False,
    options: AnalyzeOptions,
) -> None:
    """Analyse trial data by one or several methods."""
    from jaksim.verbs.analyze import analyze as analyze_data

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    found = analyze_data(data, **vars(options))
    if plot is not None:
        from jaksim.report.plots.patients.figure import plot_analysis

        plot_analysis(found, plot)
    provenance = {"command": shlex.join(["jaksim", *sys.argv[1:]]), **found.provenance}
    print_answer(replace(found, provenance=provenance), json)

"""jaksim verify: worked results of other software, run by the installed tool."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE...]", help="Cases by id, or kinds of cases; all when left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Run worked results of other software and papers, and compare. Exit code 1 when a covered case fails."""
    from jaksim.cli.progress import shown_progress
    from jaksim.report.verification import verification_record, verification_report
    from jaksim.verification.case import choose, load_cases
    from jaksim.verification.check import FAIL, Outcome, check

    cases = choose(load_cases(), names or ())
    outcomes: list[Outcome] = []
    with shown_progress("cases", len(cases)) as progress:
        for case in cases:
            outcomes.append(check(case))
            if progress is not None:
                progress(1)
    if json:
        write_json(verification_record(outcomes))
    else:
        from jaksim.cli.output import print_report

        print_report(verification_report(outcomes, in_full=bool(names)))
    if any(outcome.result == FAIL for outcome in outcomes):
        raise typer.Exit(1)

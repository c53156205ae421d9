"""The options --format, --report and --table, which every command with --json has without naming them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer

from jaksim.cli.line.groups import for_each_command
from jaksim.cli.output import answering
from jaksim.cli.output.compiling import told_of_compiling
from jaksim.cli.output.destination import NAMES, destination

_JSON: Final = "json"
_own = typer.Typer(add_completion=False, rich_markup_mode=None)


@_own.command()
def _options(
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help=f"Format of standard output: {', '.join(NAMES)}; text when left out."
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Also write the answer to a file, in the format of its ending: .txt, .json, .md, .html, .csv, .tex "
            "or .docx.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", help="With CSV: only the table under this heading of the report."),
    ] = None,
) -> None:
    """What the options are; a command gets them from here."""


def with_formats(command: Any) -> Any:
    """The command, with the options and their meaning where it can print JSON; a group, with them on its commands."""
    if for_each_command(command, with_formats):
        return command
    names = [parameter.name for parameter in command.params]
    added = [one for one in typer.main.get_command(_own).params if one.name not in ("help", *names)]
    if _JSON in names and len(added) == len(_options.__annotations__) - 1:
        command.params = [*command.params, *added]
        command.callback = _answering(command.callback)
    return command


def _answering(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def command(json: bool, format: str | None, report: str | None, table: str | None, **others: Any) -> Any:
        chosen = destination(json=json, format=format, report=report, table=table, others=others)
        with answering(chosen), told_of_compiling(chosen.screen):
            return run(json=chosen.screen == _JSON, **others)

    return command

"""jaksim plan: power, size or detectable effect from a formula."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.errors import InputError
from jaksim.plan.kinds import KINDS
from jaksim.plan.options import PlanOptions
from jaksim.verbs.options.base import flags_by_name


class KindGroup(TyperGroup):
    """A group with one command for each kind, whose module is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(KINDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in KINDS:
            raise InputError("unknown kind of trial", where="plan", allowed=KINDS, got=cmd_name)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command()(command_of(cmd_name))
        command = typer.main.get_command(single)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Kinds"):
            formatter.write_dl([(name, words) for name, (_, words) in KINDS.items()])


app = typer.Typer(cls=KindGroup, add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def plan(context: typer.Context) -> None:
    """Power, size or detectable effect of a trial, whichever is left out, from a formula in under a second."""
    if context.invoked_subcommand is None:
        raise InputError("a kind of trial is missing", where="plan", allowed=KINDS)


def command_of(kind: str) -> Any:
    """The command that plans a trial of this kind."""
    module = import_module(KINDS[kind][0])
    verb = getattr(module, kind)

    common = flags_by_name(PlanOptions)

    @flags_of(module.OPTIONS, first=[name for name in flags_by_name(module.OPTIONS) if name not in common])
    def command(
        *,
        plot: Annotated[
            str | None, typer.Option("--plot", metavar="FILE", help="Write a plot (png, svg or pdf).")
        ] = None,
        json: Json = False,
        options: Any,
    ) -> None:
        from jaksim.report.plots.figure_file import check_plot

        if plot is not None and check_plot(plot) == Path(options.write or ""):
            raise InputError("would overwrite what ‹write› writes", where="‹plot›", allowed="another file", got=plot)
        found = verb(**vars(options))
        if plot is not None:
            from jaksim.report.plots.plan import plot_plan

            plot_plan(found, plot)
        print_answer(found, json)

    command.__doc__ = f"{KINDS[kind][1]} Two of power, size and effect are given; the third is solved for."
    return command

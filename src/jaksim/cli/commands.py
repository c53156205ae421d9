"""The subcommands by name, each imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperGroup

from jaksim.cli.line.once import once_each
from jaksim.cli.output.formats import with_formats
from jaksim.errors import InputError

COMMANDS: dict[str, tuple[str, str]] = {
    "plan": ("jaksim.cli.plan", "Power, size or detectable effect from a formula, in under a second."),
    "power": ("jaksim.cli.power", "Power of every analysis of a scenario, with its assumptions."),
    "show": ("jaksim.cli.showing", "What a scenario expects in each arm: states, endpoints, moves; exact, at once."),
    "size": ("jaksim.cli.size", "Patients needed for a power or an assurance."),
    "compare": ("jaksim.cli.compare", "Differences between two scenarios, on common random numbers."),
    "sweep": ("jaksim.cli.sweep", "Power at many points, kept on disk; can be killed and goes on to the same bytes."),
    "merge": ("jaksim.cli.merge", "Join the parts of a sweep that several machines made."),
    "predict": ("jaksim.cli.predict", "Predict a trial's estimates and its probability of success."),
    "conduct": ("jaksim.cli.conduct", "How a trial goes at its sites: enrolment, analyses, data, supply and cost."),
    "forecast": ("jaksim.cli.forecast", "How a running trial goes on, from its log: dates, events, conditional power."),
    "analyze": ("jaksim.cli.analyze", "Analyse the data of a trial by one or several methods."),
    "boundaries": ("jaksim.cli.boundaries", "Boundaries of interim analyses: efficacy, futility and harm."),
    "interim": ("jaksim.cli.interim", "What to do at an interim analysis that has been made."),
    "signal": ("jaksim.cli.safety.signal", "Whether events in a running trial are a signal of harm."),
    "simulate": ("jaksim.cli.simulate", "Write the daily scores and endpoints of simulated patients to a file."),
    "scenarios": ("jaksim.cli.starting.scenarios", "List the scenarios that come with jaksim."),
    "new": ("jaksim.cli.starting.new", "Write the files of a trial of your own, or copy a scenario."),
    "keys": ("jaksim.cli.keys", "Describe the keys of scenario, scale, study and evidence files."),
    "calibrate": ("jaksim.cli.calibrate", "Fit a disease model to the published figures of a study."),
    "reproduce": ("jaksim.cli.reproduce", "Place a trial's published figures among simulated ones."),
    "backtest": ("jaksim.cli.backtest", "Predict each published trial from the others and score it."),
    "verify": ("jaksim.cli.verify", "Run worked results of other software and compare."),
    "evidence": ("jaksim.cli.evidence", "List, show and check published figures."),
}
"""Name of each subcommand, the module that holds its `app`, and what it does in one line."""

SUBJECTS: dict[tuple[str, str], tuple[str, str]] = {
    ("show", "phases"): ("jaksim.cli.showing.phases", "Effects by days since onset, through phases of the disease."),
    ("show", "population"): ("jaksim.cli.showing.population", "What patients bring along, and what exclusions do."),
}
"""Subcommands that are told apart by their next word, such as `show phases` beside `show`; as in `COMMANDS`."""


class LazyGroup(TyperGroup):
    """A group that knows its subcommands from a table and imports a module when its command is run.

    Each module of the table holds a typer.Typer called `app`; with one command it runs directly, with several it is a
    group. A module that is not installed is not listed.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = SUBJECTS.get((args[0], args[1])) if len(args) > 1 else None
        if known is None:
            return super().resolve_command(ctx, args)
        name = " ".join(args[:2])
        return name, _command(known[0], name), args[2:]

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, (module, _) in COMMANDS.items() if find_spec(module) is not None]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            raise InputError("unknown command", allowed=self.list_commands(ctx), got=cmd_name)
        return _command(COMMANDS[cmd_name][0], cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            shown = {" ".join(words): about for words, (_, about) in SUBJECTS.items()}
            shown |= {name: COMMANDS[name][1] for name in self.list_commands(ctx)}
            order = {name: place for place, name in enumerate(COMMANDS)}
            formatter.write_dl(sorted(shown.items(), key=lambda item: (order[item[0].split()[0]], item[0])))


def _command(module: str, name: str) -> Any:
    """The command in a module, with what every command can do."""
    command = typer.main.get_command(import_module(module).app)
    command.name = name
    return once_each(with_formats(command))

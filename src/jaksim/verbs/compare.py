"""The verb `compare`: what differs between two scenarios."""

from __future__ import annotations

import shlex
from dataclasses import replace

from jaksim.design.comparison import Comparison, compare_trials
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import assumptions_by, chosen_door, door_words, replicates_by
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.compare import CompareOptions
from jaksim.verbs.provenance import provenance_of
from jaksim.version import __version__


@takes(CompareOptions)
def compare(first: AskedScenario, second: AskedScenario, options: CompareOptions) -> Comparison:
    """Differences between two scenarios, second less first, on common random numbers.

    `changes` are made to both. Analyses are matched by name. Raises `InputError` where none match, and for values out
    of range.
    """
    one, other = both_scenarios(first, second, options)
    door = chosen_door(options.door, one, other, engine=options.engine)
    settings = Settings(
        replicates=replicates_by(door, options.replicates),
        seed=options.seed,
        engine=options.engine,
        workers=options.workers,
        door=door,
    )
    result = compare_trials((one.trial, other.trial), settings, advance=options.progress)
    provenance = {
        "version": __version__,
        "first": provenance_of(one, ""),
        "second": provenance_of(other, ""),
        "command": _command(one, other, settings),
    }
    answer = replace(
        result,
        scenarios=(one.path, other.path),
        provenance=provenance,
        assumptions=(assumptions_by(door, one), assumptions_by(door, other)),
    )
    return about(answer, (one, other))


def both_scenarios(first: AskedScenario, second: AskedScenario, options: CompareOptions) -> tuple[Scenario, Scenario]:
    """The two scenarios with what is changed in them."""
    return scenario_of(first, options.changes), _second(second, options)


def _second(asked: AskedScenario, options: CompareOptions) -> Scenario:
    """The second scenario, with the changes to both and those to it alone, which are what a fault is about."""
    try:
        return scenario_of(asked, (*options.changes, *options.second_changes))
    except InputError as error:
        if error.where is not None and options.second_changes:
            error.where = error.where.replace("‹changes", "‹second_changes")
        raise


def _command(first: Scenario, second: Scenario, settings: Settings) -> str:
    """The command line that compares the two again."""
    shared = [change for change in first.changes if change in second.changes]
    if len(shared) < len(first.changes):
        raise InputError("a change of the first scenario alone cannot be told apart", where="compare", allowed="a file")
    words = [shlex.quote(first.path), shlex.quote(second.path), f"--replicates {settings.replicates}"]
    words += [f"--seed {settings.seed}", *([f"--engine {settings.engine}"] if settings.engine != "auto" else [])]
    words += door_words(settings.door, (first, second))
    words += [f"--set {shlex.quote(change)}" for change in shared]
    words += [f"--set-second {shlex.quote(change)}" for change in second.changes if change not in shared]
    return " ".join(["jaksim compare", *words])

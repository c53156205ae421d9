"""The verb `compare`: what differs between two scenarios or more."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from jaksim.design.comparison import Comparison, compare_trials
from jaksim.design.settings import Settings
from jaksim.design.side_by_side import LETTERS, SideBySide, compare_designs
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.trial.assumption import Assumption
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import assumptions_by, chosen_door, door_words, replicates_by
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.compare import CompareOptions
from jaksim.verbs.provenance import provenance_of
from jaksim.version import __version__


@takes(CompareOptions)
def compare(
    first: AskedScenario, second: AskedScenario, *others: AskedScenario, options: CompareOptions
) -> Comparison | SideBySide:
    """Differences between scenarios on common random numbers: of two, second less first; of more, side by side.

    `changes` are made to all. Analyses are matched by name. Raises `InputError` where none match, and for values out
    of range.
    """
    scenarios = all_scenarios((first, second, *others), options)
    door = chosen_door(options.door, *scenarios, engine=options.engine)
    settings = Settings(
        replicates=replicates_by(door, options.replicates),
        seed=options.seed,
        engine=options.engine,
        workers=options.workers,
        door=door,
    )
    assumptions = tuple(assumptions_by(door, one) for one in scenarios)
    command = _command(scenarios, settings)
    if len(scenarios) > 2:
        return about(_side_by_side(scenarios, settings, options, command, assumptions), scenarios)
    one, other = scenarios
    result = compare_trials((one.trial, other.trial), settings, advance=options.progress)
    provenance = {
        "version": __version__,
        "first": provenance_of(one, ""),
        "second": provenance_of(other, ""),
        "command": command,
    }
    answer = replace(result, scenarios=(one.path, other.path), provenance=provenance, assumptions=assumptions)
    return about(answer, (one, other))


def _side_by_side(
    scenarios: Sequence[Scenario],
    settings: Settings,
    options: CompareOptions,
    command: str,
    assumptions: tuple[tuple[Assumption, ...], ...],
) -> SideBySide:
    found = compare_designs([one.trial for one in scenarios], settings, advance=options.progress)
    designs = tuple(
        replace(design, scenario=scenario.path, provenance=provenance_of(scenario, ""))
        for design, scenario in zip(found.designs, scenarios, strict=True)
    )
    provenance = {"version": __version__, "command": command}
    return replace(found, designs=designs, provenance=provenance, assumptions=assumptions)


def all_scenarios(asked: Sequence[AskedScenario], options: CompareOptions) -> tuple[Scenario, ...]:
    """The scenarios with what is changed in them."""
    own: dict[int, list[str]] = {1: list(options.second_changes)}
    for text in options.changes_of:
        letter, colon, change = text.partition(":")
        allowed = LETTERS[: len(asked)]
        if not colon or len(letter) != 1 or letter not in allowed:
            raise InputError(
                "no scenario has this letter",
                where="‹changes_of›",
                allowed=f"LETTER:KEY=VALUE with one of {', '.join(allowed)}",
                got=text,
            )
        own.setdefault(allowed.index(letter), []).append(change)
    return tuple(_changed(one, options, own.get(place, []), place) for place, one in enumerate(asked))


def _changed(asked: AskedScenario, options: CompareOptions, own: Sequence[str], place: int) -> Scenario:
    """A scenario with the changes to all and those to it alone, which are what a fault is about."""
    try:
        return scenario_of(asked, (*options.changes, *own))
    except InputError as error:
        if error.where is not None and own:
            option = "second_changes" if place == 1 and options.second_changes else "changes_of"
            error.where = error.where.replace("‹changes", f"‹{option}")
        raise


def _command(scenarios: Sequence[Scenario], settings: Settings) -> str:
    """The command line that compares them again."""
    shared = [change for change in scenarios[0].changes if all(change in one.changes for one in scenarios)]
    words = [*(shlex.quote(one.path) for one in scenarios), f"--replicates {settings.replicates}"]
    words += [f"--seed {settings.seed}", *([f"--engine {settings.engine}"] if settings.engine != "auto" else [])]
    words += door_words(settings.door, scenarios)
    words += [f"--set {shlex.quote(change)}" for change in shared]
    for place, one in enumerate(scenarios):
        alone = [change for change in one.changes if change not in shared]
        if place == 1 and len(scenarios) == 2:
            words += [f"--set-second {shlex.quote(change)}" for change in alone]
        else:
            words += [f"--set-of {shlex.quote(f'{LETTERS[place]}:{change}')}" for change in alone]
    return " ".join(["jaksim compare", *words])

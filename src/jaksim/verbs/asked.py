"""What a verb is asked about: a value, the name of something that comes with jaksim, or the path of a file."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import TypeAlias, TypeVar

from jaksim.checks import named
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.scenario.scenario import Scenario, load_scenario

AskedScenario: TypeAlias = Scenario | str | PathLike[str]
R = TypeVar("R", bound=Result)


def scenario_of(asked: AskedScenario, changes: Iterable[str] = ()) -> Scenario:
    """The scenario itself, or the one in the file or of the name; `changes` (`KEY=VALUE`) are made to a file only."""
    if not isinstance(asked, Scenario):
        return _checked(load_scenario(named(asked, "scenario", "what load_scenario returns"), changes=changes))
    if tuple(changes):
        raise InputError(
            "a scenario that has been read cannot be changed",
            where="‹changes›",
            allowed="load_scenario(path, changes=)",
        )
    return _checked(asked)


def _checked(scenario: Scenario) -> Scenario:
    """The scenario, which says what the facts that it cites say; most cite none and start without the catalogue."""
    if scenario.cites_facts:
        from jaksim.verbs.showing.cited import check_facts

        check_facts(scenario)
    return scenario


def about(result: R, asked: object) -> R:
    """The result, which its report can now quote what was asked about."""
    object.__setattr__(result, "asked", asked)
    return result

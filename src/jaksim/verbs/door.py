"""Through which door the trials of a verb go, and what its answer says of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jaksim.design.defaults import DEFAULT_REPLICATES, EVENT_REPLICATES
from jaksim.operations.doors import AUTO, EVENTS, FAST, LEFT_OUT, WORDS, door_of, has_shared_parts
from jaksim.scenario.scenario import Scenario
from jaksim.trial.assumption import Assumption

LAW: Final = "law"


def chosen_door(asked: str, *scenarios: Scenario, engine: str = AUTO) -> str:
    """The door that the trials of scenarios go through; InputError for one that does not cover them.

    Events simulate patients one by one, so that "auto" is the fast door for the law engine.
    """
    return door_of(FAST if asked == AUTO and engine == LAW else asked, [scenario.trial for scenario in scenarios])


def replicates_by(door: str, asked: int | None, by_events: int = EVENT_REPLICATES) -> int:
    """The number asked for, or else the usual one of a door."""
    if asked is not None:
        return asked
    return by_events if door == EVENTS else DEFAULT_REPLICATES


def assumptions_by(door: str, scenario: Scenario) -> tuple[Assumption, ...]:
    """What a scenario assumes, with what the door leaves out, or that it leaves out nothing."""
    if door != EVENTS or scenario.trial.operations is None:
        return scenario.assumptions
    kept = (one for one in scenario.assumptions if one.about != LEFT_OUT)
    return (*kept, Assumption("conduct", WORDS[EVENTS]))


def door_words(door: str, scenarios: Sequence[Scenario]) -> list[str]:
    """The option that takes this door again, nothing where it makes no difference."""
    chosen = door == EVENTS or any(has_shared_parts(scenario.trial) for scenario in scenarios)
    return [f"--door {door}"] if chosen else []

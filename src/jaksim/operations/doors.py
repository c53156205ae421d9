"""The doors of the conduct of a trial, and which parts of a plan each of them covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from jaksim.checks import known
from jaksim.errors import InputError

if TYPE_CHECKING:
    from jaksim.trial import Trial
    from jaksim.trial.operations.operations import Operations

EXACT, EVENTS, FAST = "exact", "events", "fast"
LEFT_OUT: Final = "left out"
"""What an assumption about the parts that the figures leave out is about."""
AUTO: Final = "auto"
DOORS: Final = (AUTO, EXACT, EVENTS, FAST)
SIMULATED: Final = (AUTO, FAST, EVENTS)
"""The doors of verbs that simulate."""
WORDS: Final = {
    EXACT: "exact law of enrolment, without simulation",
    EVENTS: "events one by one (SimPy)",
    FAST: "fast door: everything but shared stock and wards",
}
"""What each door is, in words."""


def beyond_fast(operations: Operations) -> tuple[str, ...]:
    """The parts of a plan that the fast door, and so the design of a trial, leaves out."""
    return _beyond(operations.supply is not None, bool(operations.wards))


def door_of(asked: str, trials: Iterable[Trial]) -> str:
    """The door that trials go through together: the one asked for, or by "auto" the cheapest that covers what it can.

    Trials that are compared go through one door, since two engines draw their patients by other numbers. "auto" takes
    events where a plan has shared stock or wards and events cover every plan. InputError for a door that there is not,
    and for events where nothing says how a trial is run.
    """
    known(asked, SIMULATED, "door", "‹door›")
    given = list(trials)
    if asked == EVENTS and any(trial.operations is None for trial in given):
        raise InputError(
            "nothing says how the trial is run",
            where="‹door›",
            allowed="fast, or a scenario with an [operations] table",
            got=asked,
        )
    if asked != AUTO:
        return asked
    covered = all(covered_by_events(trial) for trial in given if trial.operations is not None)
    return EVENTS if covered and any(has_shared_parts(trial) for trial in given) else FAST


def kind_of_door(trial: Trial) -> tuple[bool, bool, bool]:
    """All that the choice of a door depends on: operations, what is shared, and whether events cover it."""
    return trial.operations is not None, has_shared_parts(trial), covered_by_events(trial)


def has_shared_parts(trial: Trial) -> bool:
    """Whether patients of a trial share a stock of drug, or wards."""
    operations = trial.operations
    return operations is not None and (operations.supply is not None or bool(operations.wards))


def covered_by_events(trial: Trial) -> bool:
    """Whether events conduct a trial with operations."""
    return trial.operations is not None and trial.adaptation is None


def _beyond(supply: bool, wards: bool) -> tuple[str, ...]:
    named = {"supply": supply, "wards": wards}
    return tuple(name for name, there in named.items() if there)


def listed(parts: tuple[str, ...]) -> str:
    """Parts in a phrase, with the verb that goes with their number."""
    if len(parts) == 1:
        one = parts[0]
        return f"{one} {'are' if one == 'wards' else 'is'}"
    return f"{', '.join(parts[:-1])} and {parts[-1]} are"


def left_out_words(operations: Operations | None) -> str:
    """What figures by the fast door leave out of a plan, nothing where they have everything."""
    return _words(() if operations is None else beyond_fast(operations))


def left_out_of(table: Mapping[str, Any]) -> str:
    """The same of an `[operations]` table that has not been read."""
    return _words(_beyond(bool(table.get("supply")), bool(table.get("ward"))))


def _words(parts: tuple[str, ...]) -> str:
    return f"{listed(parts)} not in these figures, which are those of the fast door" if parts else ""

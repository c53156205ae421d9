"""The doors of the conduct of a trial, and which parts of a plan each of them covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.trial.operations.operations import Operations

EXACT, EVENTS, FAST = "exact", "events", "fast"
LEFT_OUT: Final = "left out"
"""What an assumption about the parts that the figures leave out is about."""
DOORS: Final = ("auto", EXACT, EVENTS, FAST)
WORDS: Final = {
    EXACT: "exact law of enrolment, without simulation",
    EVENTS: "events one by one (SimPy)",
    FAST: "fast door: everything but shared stock and wards",
}
"""What each door is, in words."""


def beyond_fast(operations: Operations) -> tuple[str, ...]:
    """The parts of a plan that the fast door, and so the design of a trial, leaves out."""
    return _beyond(operations.supply is not None, bool(operations.wards))


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
    """What the figures of every verb but `conduct` leave out of a plan, nothing where they have everything."""
    return _words(() if operations is None else beyond_fast(operations))


def left_out_of(table: Mapping[str, Any]) -> str:
    """The same of an `[operations]` table that has not been read."""
    return _words(_beyond(bool(table.get("supply")), bool(table.get("ward"))))


def _words(parts: tuple[str, ...]) -> str:
    return f"{listed(parts)} not in these figures; jaksim conduct tells about the rest of the plan" if parts else ""

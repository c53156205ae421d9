"""The doors of the conduct of a trial, and which parts of a plan each of them covers."""

from __future__ import annotations

from typing import Final

from jaksim.trial.operations.operations import Operations

EXACT, EVENTS, FAST = "exact", "events", "fast"
DOORS: Final = ("auto", EXACT, EVENTS, FAST)
WORDS: Final = {
    EXACT: "exact law of enrolment, without simulation",
    EVENTS: "events one by one (SimPy)",
    FAST: "fast door: everything but shared stock and wards",
}
"""What each door is, in words."""


def beyond_fast(operations: Operations) -> tuple[str, ...]:
    """The parts of a plan that the fast door, and so the design of a trial, leaves out."""
    found = []
    if operations.supply is not None:
        found.append("supply")
    if operations.wards:
        found.append("wards")
    if operations.site_sd > 0.0:
        found.append("the effects of sites (site_sd)")
    return tuple(found)


def listed(parts: tuple[str, ...]) -> str:
    """Parts in a phrase, with the verb that goes with their number."""
    if len(parts) == 1:
        one = parts[0]
        return f"{one} {'are' if one.startswith(('wards', 'the effects')) else 'is'}"
    return f"{', '.join(parts[:-1])} and {parts[-1]} are"


def left_out_words(operations: Operations) -> str:
    """What the figures of every verb but `conduct` leave out of a plan, nothing where they have everything."""
    parts = beyond_fast(operations)
    return f"{listed(parts)} not in these figures" if parts else ""

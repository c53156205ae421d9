"""The report of how many patients change their treatment: rescued, switched, stopped, in a pause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaksim.design.sums.turn_share import TurnShare
from jaksim.model.courses.turns import EVENTS
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph


def treatment_changes_part(found: Sequence[TurnShare], days: Sequence[int] = ()) -> Iterator[Block]:
    """The shares at the end of some days, of the quarters of the follow-up when none are given; nothing without any."""
    if not found:
        return
    last = len(found[0].share) - 1
    tabled = [*days] or sorted({round(last * part / 4) for part in range(1, 5)} - {0})
    harms = [one for one in found if one.event not in EVENTS]
    what = "Safety events" if len(harms) == len(found) else "Changes of treatment"
    what += " and safety events" if 0 < len(harms) < len(found) else ""
    yield heading(f"{what}, % of the patients by the end of a day since randomisation")
    rows = [(one.arm, one.what, *(f"{100.0 * one.share[day]:.1f}" for day in tabled)) for one in found]
    yield columns(["Arm", "What", *(f"day {day}" for day in tabled)], rows, right=range(2, 2 + len(tabled)))
    pauses = " Pauses: of the living, those who miss their doses then." if any(_paused(one) for one in found) else ""
    died = "as without one" if len(harms) == len(found) else "as not changed"
    yield paragraph(f"By the exact law; who died before counts {died}.{pauses}")
    yield ""


def _paused(one: TurnShare) -> bool:
    return one.event == "missed_doses"

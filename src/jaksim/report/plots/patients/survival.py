"""Curves of the times to an event: survival or cumulative incidence, with censored patients and those at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.patient_data.curves import Curve, curve
from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.patients.style import COLOURS, SMALL, arm_names, even_marks, open_frame, percent_axis

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

CENSORED, COMPETING = 0, 2
_LEFT: Final = 0.19
_MOST_MARKS: Final = 400
_ROUNDING: Final = 1e-9


def draw_survival(part: SubFigure, data: TrialData, top: float, height: float) -> None:
    """Survival where the event is bad and nothing competes, else the cumulative incidence of the event.

    Events that compete are drawn in broken lines. Below stand the patients at risk just before each time.
    """
    endpoint = data.at_risk.endpoint
    found = [curve(arm, endpoint.time, endpoint.status) for arm in data.at_risk.by_arm]
    competing = bool(data.counts.by_arm[:, data.endpoint.status == COMPETING].any())
    falling = endpoint.better == "no event" and not competing
    last = max(float(one.time[-1]) for one in found) or 1.0
    bottom = 1.3 / height
    panel: Any = part.add_axes((_LEFT, bottom, 0.78, top - bottom))
    names = arm_names(data)
    for arm, (name, one, colour) in enumerate(zip(names, found, COLOURS, strict=True)):
        size = f"{name} (n = {int(data.counts.by_arm[arm].sum()):,})"
        _one_curve(panel, one, size, colour, falling=falling, band=not competing)
        if competing:
            other = _of_competing(data, arm)
            time, level = _stepped(other, other.incidence, 0.0)
            label = f"{name}, competing event"
            panel.step(time, level, where="post", color=colour, linestyle=(0, (4, 2)), linewidth=1.2, label=label)
        _censoring(panel, data, arm, one, colour, falling=falling)
    marks = [mark for mark in even_marks(last, data.time_unit) if mark <= last]
    panel.set_xlim(0.0, last * 1.02)
    panel.set_ylim(0.0, 1.03)
    percent_axis(panel.yaxis)
    panel.set_xticks(marks, [f"{mark:g}" for mark in marks])
    unit = data.time_unit if data.time_unit else "unit not told"
    panel.set_xlabel(f"time ({unit})", fontsize=9)
    panel.set_ylabel("without the event (%)" if falling else "with the event (%)", fontsize=9)
    open_frame(panel)
    panel.legend(frameon=False, fontsize=SMALL, loc="best")
    _at_risk(part, panel, data, names, marks, height)


def _one_curve(panel: Any, one: Curve, label: str, colour: str, *, falling: bool, band: bool) -> None:
    time, level = _stepped(one, one.survival if falling else one.incidence, 1.0 if falling else 0.0)
    panel.step(time, level, where="post", color=colour, label=label, linewidth=1.8)
    if band:
        low, high = (_stepped(one, limit, 1.0)[1] for limit in (one.low, one.high))
        if not falling:
            low, high = 1.0 - high, 1.0 - low
        panel.fill_between(time, low, high, step="post", color=colour, alpha=0.13, linewidth=0)


def _stepped(one: Curve, level: Floats, start: float) -> tuple[Floats, Floats]:
    after = one.time >= 0.0
    return np.concatenate([[0.0], one.time[after]]), np.concatenate([[start], level[after]])


def _of_competing(data: TrialData, arm: int) -> Curve:
    endpoint = data.at_risk.endpoint
    swapped = np.array([0, 2, 1, -1])[endpoint.status]
    return curve(data.at_risk.by_arm[arm], endpoint.time, swapped)


def _censoring(panel: Any, data: TrialData, arm: int, one: Curve, colour: str, *, falling: bool) -> None:
    """A short stroke on the curve at every time at which a patient is censored."""
    known = (data.endpoint.status == CENSORED) & (data.counts.by_arm[arm] > 0)
    times = np.unique(data.endpoint.time[known])
    if not len(times) or len(times) > _MOST_MARKS:
        return
    at, level = _stepped(one, one.survival if falling else one.incidence, 1.0 if falling else 0.0)
    height = level[np.searchsorted(at, times, side="right") - 1]
    panel.plot(times, height, "|", color=colour, markersize=7, markeredgewidth=1.1)


def _at_risk(
    part: SubFigure, panel: Any, data: TrialData, names: tuple[str, str], marks: list[float], height: float
) -> None:
    """The numbers at risk in lines below the axis of times, each under its mark.

    Those who enter at a time are at risk after it, save at 0.
    """
    from matplotlib.transforms import blended_transform_factory

    across = blended_transform_factory(panel.transData, part.transSubfigure)
    part.text(0.02, 0.72 / height, "At risk", fontsize=SMALL, va="center", fontweight="bold")
    for line, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        y = (0.50 - 0.21 * line) / height
        part.text(0.02, y, name if len(name) <= 15 else f"{name[:14]}…", fontsize=SMALL, va="center", color=colour)
        for mark in marks:
            panel.text(
                mark, y, f"{at_risk(data, line, mark):,}", transform=across, fontsize=SMALL, ha="center", va="center",
                color=colour, clip_on=False,
            )  # fmt: skip


def at_risk(data: TrialData, arm: int, time: float) -> int:
    """Patients of an arm who are observed just before a time, or from it on at time 0."""
    of_arm = data.arm == arm
    there = data.endpoint.time[data.category[of_arm]] >= time - _ROUNDING * abs(time)
    if data.entry is not None:
        entry = data.entry[of_arm]
        there &= (entry < time) | (entry == 0.0)
    return int(there.sum())

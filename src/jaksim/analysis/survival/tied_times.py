"""Times that differ by rounding alone are one time: survival::aeqSurv, the timefix of survfit and coxph."""

from __future__ import annotations

from typing import Final

import numpy as np

from jaksim.arrays import Floats

TOLERANCE: Final = float(np.sqrt(np.finfo(np.float64).eps))
"""Largest distance of neighbouring times that are one, absolute and as a share of the mean of the distinct times."""


def tied(times: Floats) -> Floats:
    """The times (n,), those of a run of neighbours within rounding replaced by its earliest; others as they are."""
    finite = np.isfinite(times)
    distinct = np.unique(times[finite])
    if len(distinct) < 2:
        return times
    close = np.diff(distinct) <= _tolerance(distinct)
    if not close.any():
        return times
    first = distinct[np.concatenate([[True], ~close])]
    out = times.copy()
    out[finite] = first[np.searchsorted(first, times[finite], side="right") - 1]
    return out


def on_a_time(day: float, times: Floats) -> float:
    """The distinct time (T,) that a day asked for differs from by rounding alone, else the day."""
    if not len(times) or not np.isfinite(day):
        return day
    nearest = float(times[np.abs(times - day).argmin()])
    return nearest if abs(nearest - day) <= _tolerance(times) else day


def _tolerance(distinct: Floats) -> float:
    return TOLERANCE * max(1.0, float(np.abs(distinct).mean()))

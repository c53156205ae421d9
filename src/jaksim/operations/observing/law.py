"""What the exact law of enrolment tells of a trial that no interim analysis stops, by the names of what is observed."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.operations.exact.day_full import DayFull
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.observing.observed import BANDS, QUANTILES, CurveSummary, Summary

_FAR: Final = 0.999


def full_day_summary(full: DayFull) -> Summary:
    """The day of the last patient, given that the trial is full some day; without a Monte Carlo error."""
    reached = np.cumsum(full.pmf)
    total = float(reached[-1])
    if total <= 0.0:
        return Summary(0, math.nan, math.nan, math.nan, {f"{100 * level:g}": math.nan for level in QUANTILES})
    quantiles = {
        f"{100 * level:g}": float(full.first + np.argmax(reached >= level * total - 1e-10)) for level in QUANTILES
    }
    return Summary(0, full.mean, 0.0, full.sd, quantiles)


def recruited_by_law(law: EnrolmentLaw, full: DayFull, patients: int) -> CurveSummary:
    """Patients randomised by the end of each day, up to a day by which the trial is very probably full."""
    last = full.first + int(np.argmax(np.cumsum(full.pmf) >= _FAR * full.pmf.sum()))
    days = np.arange(min(last, law.last_day) + 1)
    number = np.arange(patients + 1)
    laws: Floats = np.stack([law.enrolled(int(day), patients) for day in days])
    reached = np.cumsum(laws, axis=1)

    def at(level: float) -> Floats:
        return np.asarray(np.argmax(reached >= level - 1e-10, axis=1), dtype=np.float64)

    bands = {f"{100 * one:g}": (at((1.0 - one) / 2.0), at((1.0 + one) / 2.0)) for one in BANDS}
    return CurveSummary(days, laws @ number, np.zeros(len(days)), at(0.5), bands)

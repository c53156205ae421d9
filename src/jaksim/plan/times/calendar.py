"""When patients enter, how long they are followed, and how they are lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.followed_arm import FollowedArm
from jaksim.formulas.hazards import Hazard, cumulative
from jaksim.piecewise import PiecewiseConstant
from jaksim.root import root

CONSTANT = PiecewiseConstant.constant(1.0)
"""The shape of accrual at one rate."""
LATEST = 1e6
"""No trial goes on for longer."""


@dataclass(frozen=True)
class Calendar:
    """Entry over `length`, at a rate in the shape of `rates`, or at just these `rates` for as long as it takes.

    The analysis is `follow_up` after the last patient has entered; without it, when the planned events are seen.
    `dropout` is the hazard of being lost.
    """

    length: float | None
    rates: PiecewiseConstant
    follow_up: float | None
    dropout: PiecewiseConstant

    def ends_for(self, patients: float) -> float:
        """When the last of so many patients enters."""
        if self.length is not None:
            return self.length
        return time_to_enter(self.rates, patients)

    def scaled_rates(self, patients: float) -> list[float]:
        """The rates at which so many patients enter."""
        end = self.ends_for(patients)
        factor = patients / float(cumulative(self.rates, np.array([end]))[0])
        return [factor * rate for rate in self.rates.values]

    def arm(self, patients: float, all_patients: float, hazard: Hazard) -> FollowedArm:
        """An arm, or a stratum of it, of a trial of `all_patients`."""
        end = self.ends_for(all_patients)
        everyone = float(cumulative(self.rates, np.array([end]))[0])

        def entered(calendar: Floats) -> Floats:
            if end == 0.0:
                return np.asarray(calendar >= 0.0, dtype=np.float64)
            return cumulative(self.rates, np.clip(calendar, 0.0, end)) / everyone

        cuts = tuple(cut for cut in self.rates.cuts if cut < end)
        return FollowedArm(
            patients=patients,
            hazard=hazard,
            entered=entered,
            staying=lambda t: np.exp(-cumulative(self.dropout, t)),
            bends=((*cuts, end), self.dropout.cuts),
        )


def time_to_enter(rates: PiecewiseConstant, patients: float) -> float:
    """How long so many patients take to enter at these rates; InputError where they never do."""

    def entered(time: float) -> float:
        return float(cumulative(rates, np.array([time]))[0]) - patients

    if entered(LATEST) < 0.0:
        raise InputError("so many patients never enter at these rates", where="‹accrual_rates›", got=patients)
    return root(entered, 0.0, LATEST)

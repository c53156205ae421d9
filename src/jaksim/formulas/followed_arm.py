"""One arm of a planned trial: hazards, entry over calendar time, losses, and who is at risk when."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.hazards import Hazard, cumulative
from jaksim.piecewise import PiecewiseConstant

Curve = Callable[[Floats], Floats]

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)
PIECES = 12
"""The time of a trial is cut into at least so many pieces."""
FAST = 100.0
"""With a larger cumulative hazard nobody is left in most of the pieces."""
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True)
class FollowedArm:
    """Patients of one arm, or of one arm in one stratum, any unit of time.

    `hazard` of the event by time since entry; `entered`, the part of the patients that has entered by a calendar time,
    the first at 0; `staying`, the probability of not being lost by a time since entry. `bends` are the calendar times
    and the times since entry at which these two curves have corners.
    """

    patients: float
    hazard: Hazard
    entered: Curve
    staying: Curve
    bends: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())

    def survival(self, t: Floats) -> Floats:
        """Probability of no event by times since entry."""
        return np.exp(-cumulative(self.hazard, t))

    def at_risk(self, t: Floats, time: float) -> Floats:
        """Patients at risk at times since entry, seen at calendar `time`."""
        return self.patients * self.survival(t) * self.staying(t) * self.entered(time - t)

    def scaled(self, factor: float) -> FollowedArm:
        """The same arm with so many times the patients."""
        return replace(self, patients=self.patients * factor)


def followed_arm(
    patients: float, hazard: Hazard, *, accrual: PiecewiseConstant, dropout: PiecewiseConstant
) -> FollowedArm:
    """An arm whose patients enter at the rate `accrual`, up to its end, and are lost at the rate `dropout`.

    `accrual` is 0 from its last cut on; only its shape counts, as `patients` says how many there are.
    """
    everyone = float(cumulative(accrual, np.array([accrual.cuts[-1]]))[0])
    return FollowedArm(
        patients=patients,
        hazard=hazard,
        entered=lambda calendar: cumulative(accrual, np.maximum(calendar, 0.0)) / everyone,
        staying=lambda t: np.exp(-cumulative(dropout, t)),
        bends=(accrual.cuts, dropout.cuts),
    )


def time_grid(arms: Sequence[FollowedArm], time: float, *, upto: float | None = None) -> tuple[Floats, Floats]:
    """Times since entry up to `upto` and weights of a quadrature that is exact between all corners of the arms."""
    last = time if upto is None else upto
    corners = {0.0, last, *np.linspace(0.0, last, PIECES + 1).tolist()}
    for arm in arms:
        corners |= _fast(arm, last)
        corners |= {*arm.hazard.cuts, *arm.bends[1], *(time - bend for bend in arm.bends[0])}
    edges = np.array(sorted(time for time in corners if 0.0 <= time <= last))
    half = np.diff(edges) / 2.0
    times = (edges[:-1] + half)[:, np.newaxis] + half[:, np.newaxis] * NODES
    return times.ravel(), (half[:, np.newaxis] * NODE_WEIGHTS).ravel()


def _fast(arm: FollowedArm, last: float) -> set[float]:
    """Corners for an arm whose patients are gone long before the last time."""
    if last <= 0.0:
        return set()
    highest = float(np.max(arm.hazard(np.array([0.0, *arm.hazard.cuts]) + 1e-9 * last)))
    soon = 1e-6 * last
    highest += -math.log(max(float(arm.staying(np.array([soon]))[0]), 1e-300)) / soon
    return {step / highest for step in STEPS} if highest * last > FAST else set()


def events_of(arms: Sequence[FollowedArm], time: float) -> float:
    """Events expected in these arms by calendar `time`."""
    t, weight = time_grid(arms, time)
    return float(sum(weight @ (arm.at_risk(t, time) * arm.hazard(t)) for arm in arms))

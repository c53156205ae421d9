"""When a group-sequential trial stops and why, by the boundaries of its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.design.conduct.course import Course
from jaksim.design.sums.conducted import Reason
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import bounds_at
from jaksim.trial.monitoring.integration import Crossing, crossing_probabilities
from jaksim.trial.monitoring.solve import harm_bounds


class Bounds(NamedTuple):
    """Bounds (B, K) on z, positive where the active arm does better; infinite where there is none.

    A trial stops above `upper` and below `lower` or `harm`, which a two-sided one has at -`upper`; `inner` is the
    futility bound on |z| of a two-sided trial.
    """

    upper: Floats
    lower: Floats
    harm: Floats
    inner: Floats

    def at(self, rows: Integers, look: int) -> Bounds:
        """Bounds (n,) of some replicates at one analysis."""
        return Bounds(*(one[rows, look] for one in self))


@dataclass(frozen=True, eq=False)
class Stopping:
    """The stopping rule of boundaries: their bounds at any information, the decision, and its exact probability."""

    boundaries: Boundaries

    @property
    def two_sided(self) -> bool:
        return self.boundaries.plan.sides == 2

    @property
    def rejecting(self) -> tuple[Reason, ...]:
        """The reasons that reject the null hypothesis."""
        return (Reason.EFFICACY, Reason.HARM) if self.two_sided else (Reason.EFFICACY,)

    def planned(self, replicates: int) -> Bounds:
        """The bounds as planned, the same for all replicates."""
        found = self.boundaries
        harm = found.harm_z if found.harm_z is not None else np.full(found.upper_z.shape, -np.inf)
        shape = (replicates, len(found.upper_z))
        return self._bounds(*(np.broadcast_to(bounds, shape) for bounds in (found.upper_z, found.lower_z, harm)))

    def at(self, information: Floats) -> Bounds:
        """The bounds at the information (B, K) that each replicate has, in parts of the planned maximum."""
        plan = self.boundaries.plan
        ends = np.ones(len(information), dtype=np.bool_)
        upper, lower = bounds_at(self.boundaries, information, ends)
        harm = np.full(upper.shape, -np.inf)
        if plan.harm is not None:
            harm = lower if plan.futility is None else harm_bounds(plan, information, ends, upper, many=True)
        return self._bounds(upper, lower, harm)

    def _bounds(self, upper: Floats, lower: Floats, harm: Floats) -> Bounds:
        nothing = np.full(upper.shape, -np.inf)
        if self.two_sided:
            return Bounds(upper, nothing, -upper, lower if self.boundaries.plan.futility is not None else nothing)
        return Bounds(upper, lower if self.boundaries.plan.futility is not None else nothing, harm, nothing)

    def decide(self, z: Floats, bounds: Bounds, *, last: bool) -> Integers:
        """Reason to stop (n,) (a `Reason`), -1 to go on; the last analysis always ends the trial."""
        stopped = np.full(len(z), Reason.END if last else -1, dtype=np.int64)
        with np.errstate(invalid="ignore"):
            if not last:
                stopped[(z < bounds.lower) | (np.abs(z) < bounds.inner)] = Reason.FUTILITY
            stopped[z < bounds.harm] = Reason.HARM
            stopped[z > bounds.upper] = Reason.EFFICACY
        return stopped

    def probabilities(self, drift: float | Course) -> tuple[dict[str, float], ...]:
        """Probability of stopping at each analysis at the bounds as planned, by reason.

        Under a drift the information is the planned one too. NaN for a course with inner bounds.
        """
        bounds = self.planned(1)
        found = self._crossing(bounds, np.fmax(bounds.lower, bounds.harm)[0], drift)
        looks, left = [], 1.0
        for k in range(self.boundaries.plan.looks):
            upper, below, inner = (float(one[0, k]) for one in found)
            harm = self._harm(bounds, k, drift) if below > 0.0 else 0.0
            last = k == self.boundaries.plan.looks - 1
            futile = 0.0 if last else below - harm + inner
            left -= upper + harm + futile
            end = left if last else 0.0
            looks.append({"efficacy": upper, "futility": futile, "harm": harm, "end": end})
        return tuple(looks)

    def rejection(self, drift: float | Course) -> float:
        """Probability under a drift, or on a course, of rejecting the null hypothesis."""
        return sum(look[reason.word] for look in self.probabilities(drift) for reason in self.rejecting)

    def _harm(self, bounds: Bounds, look: int, drift: float | Course) -> float:
        """Probability of stopping for harm at one analysis: of its lower bound moved to that for harm."""
        if not np.isfinite(bounds.harm[0, look]):
            return 0.0
        lower = np.fmax(bounds.lower, bounds.harm)[0]
        lower[look] = bounds.harm[0, look]
        return float(self._crossing(bounds, lower, drift).lower[0, look])

    def _crossing(self, bounds: Bounds, lower: Floats, drift: float | Course) -> Crossing:
        inner = np.where(bounds.inner > 0.0, bounds.inner, np.nan)[0] if self.two_sided else None
        if not isinstance(drift, Course):
            return crossing_probabilities(self.boundaries.information, lower, bounds.upper[0], drift, inner=inner)
        if inner is not None and not np.isnan(inner).all():
            return Crossing(*np.full((3, 1, len(lower)), np.nan))
        # z less its mean crosses bounds that are moved by as much.
        information = drift.information / drift.information[-1]
        moved = [(bound - drift.means) / drift.sds for bound in (lower, bounds.upper[0])]
        return crossing_probabilities(information, moved[0], moved[1], 0.0)

"""Estimates and intervals of many stopped trials at once, that allow for the boundaries they stopped at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.inference import stagewise_p_values

Z_GRID: Final = np.linspace(-6.0, 9.0, 101)
# Distances of drifts from z: the probit of the p-value is nearly a line in them.
STEPS: Final = np.linspace(-6.0, 6.0, 81)
# The sums of both, which are as far apart as the points of either: place i + j has point i and step j.
DRIFTS: Final = np.linspace(-12.0, 15.0, 181)
_MADE: Final[dict[tuple[object, ...], Floats]] = {}
_MAKING: Final = Lock()


@dataclass(frozen=True, eq=False)
class AfterStopping:
    """Repeated and stage-wise inference at the planned information, read off tables over z.

    Drifts are in units of z at information 1. The tables are exact at the points of a grid; between them a drift is
    interpolated, to about a hundredth of its standard error.
    """

    boundaries: Boundaries

    @property
    def level(self) -> float:
        """Error of each side of an interval."""
        return self.boundaries.plan.alpha / self.boundaries.plan.sides

    @cached_property
    def _tables(self) -> Floats:
        """`stagewise_tables` of these boundaries, made once for all trials that have the same."""
        found = self.boundaries
        key = (found.plan.sides, found.plan.binding, self.level)
        arrays = (found.information, found.upper_z, found.lower_z)
        name = (*key, *(array.tobytes() for array in arrays))
        with _MAKING:
            if name not in _MADE:
                _MADE[name] = stagewise_tables(found, self.level)
            return _MADE[name]

    def stagewise(self, look: Integers, z: Floats) -> Floats:
        """Median-unbiased drift and its interval (n, 3) of trials that stopped at analysis look (n,), from 0."""
        out = np.empty((len(z), 3))
        for k in range(len(self.boundaries.information)):
            here = look == k
            shift = [np.interp(z[here], Z_GRID, table) for table in self._tables[k]]
            out[here] = (z[here] + np.array(shift)).T / np.sqrt(self.boundaries.information[k])
        return out

    def repeated(self, look: Integers, z: Floats) -> Floats:
        """Drift and its repeated interval (n, 3), which holds at all analyses together."""
        width = self.boundaries.upper_z[look]
        return np.stack([z, z - width, z + width], axis=1) / np.sqrt(self.boundaries.information[look])[:, None]

    def on_scale(self, drift: Floats, look: Integers, results: Floats, target: float, sign: int) -> Floats:
        """Drifts (n, 3) with limits, as estimates of trials with results (n, 3): estimate, standard error, z."""
        root = np.sqrt(self.boundaries.information[look])[:, None]
        found = target + sign * drift * root * results[:, 1:2]
        return found if sign > 0 else found[:, [0, 2, 1]]


def stagewise_tables(boundaries: Boundaries, level: float) -> Floats:
    """What to add to z at the points of the grid for the drift, in units of 1 / sqrt(information), at which the
    stage-wise p-value is a half, `level` and 1 - `level`: (K, 3, points)."""
    from scipy.special import ndtri

    wanted = ndtri([0.5, level, 1.0 - level])
    looks = len(boundaries.information)
    found = np.empty((looks, 3, len(Z_GRID)))
    # The first analysis has nothing before it.
    found[0] = wanted[:, None]
    for k in range(1, looks):
        p = stagewise_p_values(boundaries, k + 1, Z_GRID, DRIFTS / np.sqrt(boundaries.information[k]))
        scores = ndtri(np.clip(p, 1e-15, 1.0 - 1e-15))
        for i in range(len(Z_GRID)):
            near = np.maximum.accumulate(scores[i : i + len(STEPS), i])
            found[k, :, i] = np.interp(wanted, near + 1e-12 * np.arange(len(STEPS)), STEPS)
    return found

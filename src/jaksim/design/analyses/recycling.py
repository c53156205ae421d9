"""Recycling of alpha: levels of other hypotheses at the interim analysis at which a monitored one ends the trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import SpendingFunction


@dataclass(frozen=True, eq=False)
class Recycling:
    """Nominal levels (L, K) at each analysis of boundaries at each of the increasing `levels` (L,).

    A hypothesis that is tested where the trial ends is rejected at a level recycled to it where its p value is at most
    the nominal one there: it could have been tested at any analysis, so each has a part of the level only.
    Source: Maurer and Bretz (2013), Statistics in Biopharmaceutical Research 5:311.
    """

    levels: Floats
    nominal: Floats

    def p_values(self, p: Floats, look: Integers) -> Floats:
        """The smallest of the levels at which p values (B,) at analyses look (B,), from 0, reject; 1 without one."""
        passed = p <= self.nominal[:, look]
        smallest = self.levels[np.argmax(passed, axis=0)] * (1.0 - 1e-12)
        return np.where(passed.any(axis=0), smallest, 1.0)


def recycling(spending: SpendingFunction, information: Floats, levels: Floats, sides: int) -> Recycling:
    """For all levels above 0 of a table of local levels, over analyses at fractions of the information (K,)."""
    distinct = np.unique(levels[levels > 0.0])
    times = tuple(information.tolist())
    nominal = [
        boundaries_of(MonitoringPlan(information=times, efficacy=spending, alpha=float(level), sides=sides)).nominal_p
        for level in distinct
    ]
    return Recycling(distinct, np.array(nominal))

"""What a trial costs, item by item, each discounted to its first day."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats

YEAR: Final = 365.25
MONTH: Final = 30.0

ITEMS: Final = {
    "site_opened": "opening sites",
    "site_month": "sites by month",
    "patient_screened": "screening",
    "patient_randomised": "patients randomised",
    "visit": "visits",
    "kit": "kits",
    "shipment": "shipments",
    "monitoring_visit": "monitoring",
    "project_day": "days of the project",
}
"""What the items are called, by the name of their price."""


class Discounting:
    """Factors that bring money of a later day to the first, at a discount rate a year."""

    def __init__(self, rate: float) -> None:
        self.force = math.log1p(rate) / YEAR

    def at(self, days: NDArray[np.floating] | NDArray[np.integer] | float) -> Floats:
        """Factors on days."""
        return np.asarray(np.exp(-self.force * np.asarray(days, dtype=np.float64)))

    def during(self, first: Floats, last: Floats) -> Floats:
        """Days from `first` to `last`, each at its factor; 0 where the last is before the first."""
        last = np.maximum(last, first)
        if self.force == 0.0:
            return np.asarray(last - first)
        return np.asarray((self.at(first) - self.at(last)) / self.force)

    def every(self, first: Floats, number: Floats, days: int) -> Floats:
        """Sum of the factors `days`, 2 `days`, ... after `first`, so many in `number`."""
        step = math.exp(-self.force * days)
        if step == 1.0:
            return number
        return np.asarray(self.at(first) * step * (1.0 - step**number) / (1.0 - step))

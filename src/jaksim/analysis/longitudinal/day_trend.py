"""How a longitudinal model lets the days differ: columns of covariates for the days 1 .. H."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TRENDS = ("none", "linear", "log", "spline", "factor")
KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Quantiles of the days at which the spline has its knots (Harrell, Regression Modeling Strategies, 2.4.6)."""
FEWEST_DAYS = 5


def day_basis(trend: str, last_day: int) -> NDArray[np.float64]:
    """Columns (H, q) for the days 1 .. H = `last_day`; a spline of fewer than 5 days is a line."""
    days = np.arange(1.0, last_day + 1.0)
    if trend == "none" or last_day < 2:
        return np.empty((last_day, 0))
    if trend == "factor":
        return np.asarray(days[:, None] == days[None, 1:], dtype=np.float64)
    if trend == "log":
        return np.asarray(np.log(days)[:, None])
    if trend == "spline" and last_day >= FEWEST_DAYS:
        return restricted_cubic_spline(days, 1.0 + (last_day - 1.0) * np.array(KNOTS))
    return days[:, None]


def restricted_cubic_spline(x: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns (n, k - 1) of a cubic spline that is linear beyond its k knots, as rcspline.eval of Hmisc has them.

    Source: Harrell, Regression Modeling Strategies (2015), equation 2.25, divided by the squared range of the knots.
    """
    last, before = knots[-1], knots[-2]

    def cube(at: float) -> NDArray[np.float64]:
        return np.asarray(np.maximum(x - at, 0.0) ** 3)

    columns = [
        cube(t) - cube(before) * (last - t) / (last - before) + cube(last) * (before - t) / (last - before)
        for t in knots[:-2]
    ]
    return np.column_stack([x, *(column / (last - knots[0]) ** 2 for column in columns)])

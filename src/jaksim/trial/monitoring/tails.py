"""Tails of the statistic at an analysis of many drifts and many values at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel
from jaksim.trial.monitoring.recursion import above, advance


@kernel
def tails(information: Any, lower: Any, upper: Any, inner: Any, drifts: Any, last: Any, out: Any) -> None:
    """Fill out (T, Z) with the probability of crossing an upper bound (K - 1,) or, at the last analysis, last (Z,)."""
    looks = information.shape[0]
    for t in range(drifts.shape[0]):
        points, masses = np.zeros(1), np.ones(1)
        crossed = 0.0
        theta = drifts[t]
        for k in range(looks):
            gain = information[k] - (information[k - 1] if k > 0 else 0.0)
            root = np.sqrt(information[k])
            if k + 1 == looks:
                for i in range(last.shape[0]):
                    out[t, i] = crossed + above(points, masses, gain, theta, last[i] * root)[0]
            else:
                low, high, middle = lower[k] * root, upper[k] * root, inner[k] * root
                crossed += above(points, masses, gain, theta, high)[0]
                after = information[k + 1] - information[k]
                points, masses = _inside(points, masses, gain, after, theta, low, high, middle)


@inner
def _inside(points: Any, masses: Any, gain: Any, after: Any, theta: Any, low: Any, high: Any, middle: Any) -> Any:
    """The next score where the trial goes on: between the limits, and beyond `middle` from 0 where that is positive."""
    if middle > 0.0:
        left, left_masses = advance(points, masses, gain, after, theta, low, -middle)
        right, right_masses = advance(points, masses, gain, after, theta, middle, high)
        return np.concatenate((left, right)), np.concatenate((left_masses, right_masses))
    return advance(points, masses, gain, after, theta, low, high)

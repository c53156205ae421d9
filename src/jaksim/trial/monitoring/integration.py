"""Probabilities of crossing boundaries, by recursive numerical integration."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.kernel.jit import inner, kernel
from jaksim.trial.monitoring.recursion import above, advance, below

SMALLEST_GAIN = 1e-7


class Crossing(NamedTuple):
    """Probability of stopping first at each analysis through each boundary, by drift: shape (T, K).

    `inner` is the probability of stopping between the inner limits, 0 without them.
    """

    upper: Floats
    lower: Floats
    inner: Floats


def crossing_probabilities(
    information: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    drifts: ArrayLike,
    *,
    inner: ArrayLike | None = None,
) -> Crossing:
    """Probability of crossing each boundary first at each analysis, exact to about 1e-10.

    Standardised statistics Z_k have mean drift * sqrt(information_k), variance 1 and independent increments of
    Z_k sqrt(information_k). A trial goes on while lower_k < Z_k < upper_k and not |Z_k| < inner_k. `information` (K,)
    increases, in units of the drift's; bounds (K,) may be infinite; `inner` may be NaN where nothing stops inside.
    Source: Jennison and Turnbull (2000), Group Sequential Methods, section 19.2.
    """
    times = check_information(information)
    low, high = (
        np.ascontiguousarray(np.broadcast_to(bound, times.shape), dtype=np.float64) for bound in (lower, upper)
    )
    middle = np.full(times.shape, np.nan) if inner is None else np.array(inner, dtype=np.float64)
    slopes = np.atleast_1d(np.asarray(drifts, dtype=np.float64))
    out = np.zeros((3, len(slopes), len(times)))
    crossing(times, low, high, middle, slopes, out)
    return Crossing(*out)


def check_information(information: ArrayLike, where: str = "information") -> Floats:
    """The information at each analysis as an array; InputError unless it is positive and increases."""
    times = np.array(information, dtype=np.float64, ndmin=1)
    if times.ndim != 1 or not times.size or not np.all(np.isfinite(times)):
        raise InputError("the information must be one finite number for each analysis", where=where, got=information)
    gains = np.diff(times, prepend=0.0)
    if np.any(gains <= SMALLEST_GAIN * times[-1]):
        raise InputError(
            "the information does not increase",
            where=where,
            allowed="positive numbers, each larger than the one before",
            got=times.tolist(),
        )
    return times


@kernel
def crossing(information: Any, lower: Any, upper: Any, inner: Any, drifts: Any, out: Any) -> None:
    """Fill out (3, T, K): upper, lower, inner."""
    looks = information.shape[0]
    for t in range(drifts.shape[0]):
        points, masses = np.zeros(1), np.ones(1)
        for k in range(looks):
            gain = information[k] - (information[k - 1] if k > 0 else 0.0)
            root = np.sqrt(information[k])
            low, high, theta = lower[k] * root, upper[k] * root, drifts[t]
            tail, _ = above(points, masses, gain, theta, high)
            out[0, t, k] = tail
            out[1, t, k] = below(points, masses, gain, theta, low)
            middle = inner[k] * root
            if middle > 0.0:
                over, _ = above(points, masses, gain, theta, max(low, -middle))
                beyond, _ = above(points, masses, gain, theta, min(high, middle))
                out[2, t, k] = max(0.0, over - beyond)
            if k + 1 < looks:
                after = information[k + 1] - information[k]
                points, masses = _inside(points, masses, gain, after, theta, low, high, middle)


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

"""Probabilities of crossing boundaries, by recursive numerical integration."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.trial.monitoring.score_law import above, below, between, outside, start

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
    inner_lower: ArrayLike | None = None,
) -> Crossing:
    """Probability of crossing each boundary first at each analysis, exact to about 1e-10.

    Standardised statistics Z_k have mean drift * sqrt(information_k), variance 1 and independent increments of
    Z_k sqrt(information_k). A trial goes on while lower_k < Z_k < upper_k and not |Z_k| < inner_k, or, given
    `inner_lower`, not inner_lower_k < Z_k < inner_k. `information` (K,) increases, in units of the drift's; bounds (K,)
    may be infinite; `inner` may be NaN where nothing stops inside.
    Source: Jennison and Turnbull (2000), Group Sequential Methods, section 19.2.
    """
    times = check_information(information)
    low, high = (
        np.ascontiguousarray(np.broadcast_to(bound, times.shape), dtype=np.float64) for bound in (lower, upper)
    )
    inside = np.full(times.shape, np.nan) if inner is None else np.array(inner, dtype=np.float64)
    middle = np.stack([-inside if inner_lower is None else np.array(inner_lower, dtype=np.float64), inside])
    slopes = np.atleast_1d(np.asarray(drifts, dtype=np.float64))
    return Crossing(*np.stack([_crossing(times, low, high, middle, float(slope)) for slope in slopes], axis=1))


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


def _crossing(times: Floats, lower: Floats, upper: Floats, inner: Floats, theta: float) -> Floats:
    """Probabilities (3, K) under one drift: upper, lower, inner; the inner limits are (2, K)."""
    out = np.zeros((3, len(times)))
    gains = np.diff(times, prepend=0.0).tolist()
    score = start()
    for k, gain in enumerate(gains):
        bounds = (lower[k], upper[k], inner[0, k], inner[1, k])
        low, high, left, right = (float(bound) * math.sqrt(times[k]) for bound in bounds)
        out[0, k] = above(score, gain, theta, high)
        out[1, k] = below(score, gain, theta, low)
        if left < right:
            out[2, k] = between(score, gain, theta, max(low, left), min(high, right))
        if k + 1 < len(gains):
            score = outside(score, gain, gains[k + 1], theta, low, high, (left, right))
    return out

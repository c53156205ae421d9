"""A critical value found by simulation: the level of a design as a share of its own trials without effects."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Replicates from here on are for calibration alone, so that no trial is judged by a critical value it helped to set.
FIRST: Final = 2**30
BLOCK: Final = 256
DOUBT: Final = 0.025
LOWEST, HIGHEST, STEP = 0.0, 8.0, 1e-6

T = TypeVar("T")


def calibrated_value(largest: Callable[[int, int], Floats], replicates: int, level: float) -> float:
    """The value that the largest statistic of a trial exceeds with a probability of at most `level`.

    largest(first, n) gives the statistic (n,) of trials without effects; one of NaN never exceeds anything. As many of
    the simulated trials exceed the value as would in at most 2.5 % of such calibrations if the probability were above
    `level`: the rate is at or under it with 97.5 % confidence.
    """
    blocks = [largest(FIRST + at, min(BLOCK, replicates - at)) for at in range(0, replicates, BLOCK)]
    found = np.concatenate(blocks)
    found = np.sort(np.where(np.isnan(found), -np.inf, found))
    above = allowed(replicates, level)
    return float(found[replicates - 1 - above]) if above >= 0 else math.inf


def calibrated_threshold(
    conduct: Callable[[int, int], T], rejects: Callable[[T, float], NDArray[np.bool_]], replicates: int, level: float
) -> float:
    """The smallest z, by halving, at which no more trials without effects reject than `allowed`.

    conduct(first, n) gives what n trials find at every look, once for all values of z: common random numbers;
    rejects(found, z) which of them (n,) then reject.
    """
    found = [conduct(FIRST + at, min(BLOCK, replicates - at)) for at in range(0, replicates, BLOCK)]
    most = allowed(replicates, level)
    low, high = LOWEST, HIGHEST
    while high - low > STEP:
        middle = 0.5 * (low + high)
        few = sum(int(rejects(one, middle).sum()) for one in found) <= most
        low, high = (low, middle) if few else (middle, high)
    return high


def allowed(replicates: int, level: float) -> int:
    """Largest number with a binomial distribution function of at most 2.5 % at `level`, -1 if there is none."""
    from scipy.stats import binom

    number = int(binom.ppf(DOUBT, replicates, level))
    return number if binom.cdf(number, replicates, level) <= DOUBT else number - 1

"""Monte Carlo precision of simulated probabilities and means."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

from jaksim.design.sums.moments import Moments
from jaksim.errors import InputError

MOST_REPLICATES: Final = 2**30
"""Replicates from this one on are for calibration alone, so that no trial is judged by a value it helped to set."""


def standard_error(successes: int, n: int) -> float:
    """Monte Carlo standard error of a proportion."""
    p = successes / n
    return math.sqrt(p * (1.0 - p) / n)


def distance(share: float, exact: float, n: int) -> float:
    """Distance of a share of n replicates from an exact probability, in standard errors under that probability."""
    spread = math.sqrt(exact * (1.0 - exact) / n) if 0.0 <= exact <= 1.0 else 0.0
    return (share - exact) / spread if spread > 0.0 else math.nan


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (J Am Stat Assoc 1927;22:209); keeps to [0, 1] and is never empty at 0
    or 1."""
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    p, z2 = successes / n, z * z / n
    centre = (p + z2 / 2.0) / (1.0 + z2)
    half = z * math.sqrt(p * (1.0 - p) / n + z2 / (4.0 * n)) / (1.0 + z2)
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def precise_enough(successes: int, n: int, target: float) -> bool:
    """True when the standard error is at or below the target, also after adding two successes and two failures.

    The added observations (Agresti and Coull, Am Stat 1998;52:119) keep a run from stopping because a rare event has
    not been seen.
    """
    return max(standard_error(successes, n), standard_error(successes + 2, n + 4)) <= target


def normal_interval(value: float, error: float, level: float = 0.95) -> tuple[float, float]:
    """Normal interval of a probability that is estimated with a standard error, within [0, 1]."""
    half = NormalDist().inv_cdf(0.5 + level / 2.0) * error
    return min(max(value - half, 0.0), 1.0), max(min(value + half, 1.0), 0.0)


def controlled_error(values: Moments) -> float:
    """Standard error of the mean of rejections less their control variates, as if two more had been off by one.

    That keeps the error from looking small, and a run to a precision from stopping, because rare replicates that the
    control variates do not foresee have not been seen. NaN below two values.
    """
    return math.sqrt(values.standard_error**2 + 2.0 / values.n**2) if values.n > 1 else math.nan


def check_replicates(replicates: int) -> None:
    """Refuse a number of replicates outside 1 to `MOST_REPLICATES`."""
    if not 1 <= replicates <= MOST_REPLICATES:
        raise InputError(
            "the number of replicates is out of range",
            where="‹replicates›",
            allowed=f"1 to {MOST_REPLICATES}",
            got=replicates,
        )


def check_seed(seed: int) -> None:
    """Refuse a seed outside 0 to 2**64 - 1."""
    if not 0 <= seed < 2**64:
        raise InputError("the seed is out of range", where="‹seed›", allowed="0 to 2**64 - 1", got=seed)

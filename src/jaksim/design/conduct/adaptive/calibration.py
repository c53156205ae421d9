"""A critical value found by simulation: the level of a design as a share of its own trials without effects."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.design.engine.executor import default_workers, run_blocks
from jaksim.design.sums.precision import MOST_REPLICATES
from jaksim.trial.adaptive.calibrated import Calibrated

BLOCK: Final = 256
DOUBT: Final = 0.025
LOWEST, HIGHEST, STEP = 0.0, 8.0, 1e-6

# What is kept of a trial: results at every look and of every arm.
_TRIAL_BYTES: Final = 500

T = TypeVar("T")


class Rules(Protocol):
    """Rules that ask for a calibrated value."""

    @property
    def calibration(self) -> int: ...
    @property
    def calibrated(self) -> Calibrated | None: ...
    @property
    def stamp(self) -> str: ...


class Watcher(Protocol):
    """Someone who waits for a calibration."""

    def advance(self, done: int, replicates: int) -> None:
        """So many of the trials are done."""

    def calibrated(self, value: Calibrated) -> None:
        """It has ended with this value."""


WATCHER: Final[ContextVar[Watcher | None]] = ContextVar("watcher of calibrations", default=None)


def kept_or_calibrated(rules: Rules, seed: int, find: Callable[[], float]) -> tuple[float, Calibrated | None]:
    """The value that the rules hold, or else what find() gives, which is told to the watcher; as a number and as rules
    hold it, None for one that is not finite."""
    if rules.calibrated is not None:
        return rules.calibrated.z, rules.calibrated
    value, watcher = find(), WATCHER.get()
    if not math.isfinite(value):
        return value, None
    found = Calibrated(value, rules.calibration, seed, rules.stamp)
    if watcher is not None:
        watcher.calibrated(found)
    return value, found


def conducted(conduct: Callable[[int, int], T], replicates: int) -> list[T]:
    """What conduct(first, n) makes of blocks of trials for calibration, in order, on all processors."""
    check_memory(
        _TRIAL_BYTES * replicates,
        f"{replicates:,} trials for calibration",
        where="adaptation.calibration",
        instead="fewer",
    )
    watcher, done = WATCHER.get(), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        if watcher is not None:
            watcher.advance(done, replicates)

    return list(run_blocks(conduct, MOST_REPLICATES, MOST_REPLICATES + replicates, BLOCK, default_workers(), advance))


def calibrated_value(largest: Callable[[int, int], Floats], replicates: int, level: float) -> float:
    """The value that the largest statistic of a trial exceeds with a probability of at most `level`.

    largest(first, n) gives the statistic (n,) of trials without effects; one of NaN never exceeds anything. As many of
    the simulated trials exceed the value as would in at most 2.5 % of such calibrations if the probability were above
    `level`: the rate is at or under it with 97.5 % confidence.
    """
    found = np.concatenate(conducted(largest, replicates))
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
    found = conducted(conduct, replicates)
    most = allowed(replicates, level)
    low, high = LOWEST, HIGHEST
    while high - low > STEP:
        middle = 0.5 * (low + high)
        few = sum(int(rejects(block, middle).sum()) for block in found) <= most
        low, high = (low, middle) if few else (middle, high)
    return high


def allowed(replicates: int, level: float) -> int:
    """Largest number with a binomial distribution function of at most 2.5 % at `level`, -1 if there is none."""
    from scipy.stats import binom

    number = int(binom.ppf(DOUBT, replicates, level))
    return number if binom.cdf(number, replicates, level) <= DOUBT else number - 1

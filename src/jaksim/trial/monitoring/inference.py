"""Inference at and after interim analyses: repeated intervals, p-values and estimates that allow for stopping.

Drifts are in units of z at information 1: a drift divided by the drift planned for an effect, times that effect, is the
effect. Source: Jennison and Turnbull (2000), chapters 8 and 9.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.root import root as root_of
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import constants_under
from jaksim.trial.monitoring.solve import bounds

FARTHEST = 12.0
STEP = 1e-4
SMALLEST_LEVEL = 1e-9


@dataclass(frozen=True, slots=True)
class StoppedTrial:
    """Estimates of a trial that stopped at analysis `look` with `z`.

    `p_value` is that of the stage-wise ordering against the alternative of the upper bound, both tails together when
    the trial is two-sided; `median_unbiased` and `interval`, of confidence 1 - alpha for two sides and 1 - 2 alpha
    for one, belong to the same ordering; `bias_adjusted` is the drift whose expected estimate is the one seen.
    """

    look: int
    z: float
    estimate: float
    p_value: float
    median_unbiased: float
    interval: tuple[float, float]
    bias_adjusted: float


def repeated_interval(boundaries: Boundaries, look: int, z: float) -> tuple[float, float]:
    """Interval for the drift that holds at all analyses together, whether the trial stops or not.

    Its confidence is 1 - alpha for two sides and 1 - 2 alpha for one. Source: Jennison and Turnbull (1989), JRSS B 51.
    """
    root = math.sqrt(float(boundaries.information[_place(boundaries, look)]))
    width = float(boundaries.upper_z[look - 1])
    return (z - width) / root, (z + width) / root


def repeated_p_value(boundaries: Boundaries, look: int, z: float) -> float:
    """Smallest level of the whole trial, both tails together if two-sided, at which the z of this analysis rejects."""
    place = _place(boundaries, look)
    plan = boundaries.plan
    if not plan.binding:
        plan = replace(plan, futility=None, harm=None, futility_off=())
    seen = abs(z) if plan.sides == 2 else z
    ended = boundaries.final and look == len(boundaries.information)

    def distance(log_level: float) -> float:
        level = replace(plan, alpha=math.exp(log_level))
        times = boundaries.information[None, : place + 1]
        found = bounds(level, times, np.array([ended]), constants_under(level, boundaries.drift))
        return float(np.clip(found[0, -1, 0], -50.0, 50.0)) - seen

    low, high = math.log(SMALLEST_LEVEL), math.log(min(0.499, 0.999 * (1.0 - plan.beta)) * plan.sides)
    if distance(low) < 0.0:
        return SMALLEST_LEVEL
    if distance(high) > 0.0:
        return 1.0
    return math.exp(_root(distance, low, high))


def stagewise_p_value(boundaries: Boundaries, look: int, z: float, drift: float = 0.0) -> float:
    """Probability under a drift of stopping at or before this analysis with more evidence for the upper side.

    Source: Tsiatis, Rosner and Mehta (1984), Biometrics 40, 797-803. Futility that does not bind is not counted on.
    """
    return float(stagewise_p_values(boundaries, look, [z], [drift])[0, 0])


def stagewise_p_values(boundaries: Boundaries, look: int, z: ArrayLike, drifts: ArrayLike) -> Floats:
    """`stagewise_p_value` under many drifts (T,) for many z (Z,): shape (T, Z)."""
    place = _place(boundaries, look)
    upper = np.asarray(boundaries.upper_z[:place], dtype=np.float64)
    lower, inner = np.full(place, -np.inf), np.full(place, np.nan)
    if boundaries.plan.sides == 2:
        lower = -upper
        if boundaries.plan.binding:
            inner = np.asarray(boundaries.lower_z[:place], dtype=np.float64)
    elif boundaries.plan.binding:
        lower = np.asarray(boundaries.lower_z[:place], dtype=np.float64)
    slopes, seen = np.array(drifts, dtype=np.float64), np.array(z, dtype=np.float64)
    from jaksim.trial.monitoring.tails import tails

    out = np.empty((len(slopes), len(seen)))
    tails(boundaries.information[: place + 1], lower, upper, inner, slopes, seen, out)
    return out


def stopped_trial(boundaries: Boundaries, look: int, z: float) -> StoppedTrial:
    """Estimate, p-value and interval of a trial that stopped at an analysis with a z statistic.

    Raises InputError for a z with which the trial goes on.
    """
    _place(boundaries, look)
    _check_stops(boundaries, look, z)
    return estimates_at(boundaries, look, z)


def estimates_at(boundaries: Boundaries, look: int, z: float) -> StoppedTrial:
    """What `stopped_trial` gives, for any z: at those with which the trial goes on it continues its course."""
    root = math.sqrt(float(boundaries.information[_place(boundaries, look)]))
    level = boundaries.plan.alpha / boundaries.plan.sides

    def quantile(probability: float) -> float:
        centre = z / root
        return _root(
            lambda drift: stagewise_p_value(boundaries, look, z, drift) - probability,
            centre - FARTHEST / root,
            centre + FARTHEST / root,
        )

    p_value = stagewise_p_value(boundaries, look, z)
    if boundaries.plan.sides == 2:
        p_value = 2.0 * min(p_value, 1.0 - p_value)
    return StoppedTrial(
        look=look,
        z=z,
        estimate=z / root,
        p_value=p_value,
        median_unbiased=quantile(0.5),
        interval=(quantile(level), quantile(1.0 - level)),
        bias_adjusted=bias_adjusted(boundaries, z / root),
    )


def expected_estimate(boundaries: Boundaries, drift: float) -> float:
    """Expected value of the estimate z / sqrt(information) when the trial stops, under a drift.

    The bias is the sum over analyses of the derivative of the probability of stopping there, divided by its
    information, because the score less drift times information is the derivative of the log density.
    """
    stops = np.sum(boundaries.crossing([drift + STEP, drift - STEP]), axis=0)
    stops[:, -1] = 1.0 - stops[:, :-1].sum(axis=1)
    slopes = (stops[0] - stops[1]) / (2.0 * STEP)
    return drift + float(np.sum(slopes / boundaries.information))


def bias_adjusted(boundaries: Boundaries, estimate: float) -> float:
    """The drift under which the expected estimate is the one seen. Source: Whitehead (1986), Biometrika 73, 573-581."""
    width = 6.0 / math.sqrt(float(boundaries.information[0]))
    return _root(lambda drift: expected_estimate(boundaries, drift) - estimate, estimate - width, estimate + width)


def _check_stops(boundaries: Boundaries, look: int, z: float) -> None:
    if not math.isfinite(z):
        raise InputError("z is not a number", where="z", got=z)
    if boundaries.final and look == len(boundaries.information):
        return
    upper, lower = float(boundaries.upper_z[look - 1]), float(boundaries.lower_z[look - 1])
    harm = -math.inf if boundaries.harm_z is None else float(boundaries.harm_z[look - 1])
    allowed = f"z of {upper:.4f} or more"
    if boundaries.plan.sides == 2:
        futile = boundaries.plan.futility is not None and lower > 0.0
        stops = abs(z) >= upper or (futile and abs(z) <= lower)
        allowed = f"|z| of {upper:.4f} or more" + (f", or of {lower:.4f} or less" if futile else "")
    else:
        below = max(lower, harm)
        stops = z >= upper or z <= below
        allowed += f", or of {below:.4f} or less" if math.isfinite(below) else ""
    if not stops:
        raise InputError(f"the trial goes on at analysis {look}", where="z", allowed=allowed, got=z)


def _place(boundaries: Boundaries, look: int) -> int:
    if not 1 <= look <= len(boundaries.information):
        allowed = f"1 to {len(boundaries.information)}"
        raise InputError("no such analysis", where="look", allowed=allowed, got=look)
    return look - 1


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return root_of(function, low, high, xtol=1e-10, rtol=8.9e-16)

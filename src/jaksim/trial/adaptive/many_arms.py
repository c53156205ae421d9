"""Bounds and power of trials that compare several arms with one control at several analyses.

The statistic of arm k at analysis j is z_kj = (a A_kj - b B_j) / sqrt(t_j) with information t_j, Brownian motions A_k
of the arms and B of the control, and b^2 = r / (1 + r) = 1 - a^2 for r patients of an arm per patient on control. Given
B the arms are independent of each other, so errors are integrals over the path of B (Magirr, Jaki and Whitehead,
Biometrika 2012;99:494).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.adaptive.arm_path import ArmPath

Numbers: TypeAlias = tuple[float, ...]

MOST_ANALYSES: Final = 5
# Nodes of the control's path at each analysis, and of an arm's, by the number of analyses: the error is below 1e-6.
PATH_NODES: Final = {1: 64, 2: 40, 3: 24, 4: 16, 5: 12}
ARM_NODES: Final = {1: 64, 2: 64, 3: 64, 4: 48, 5: 32}
FARTHEST: Final = 8.0


def familywise_error(upper: ArrayLike, lower: ArrayLike, information: ArrayLike, arms: int, ratio: float) -> float:
    """Probability that one of `arms` arms, none better than control, passes its upper bound (J,) before it falls below
    its lower bound (J - 1,) at an earlier analysis."""
    times, high, low = _arrays(information, upper, [*np.atleast_1d(lower), 0.0])
    own, shared = np.sqrt(1.0 / (1.0 + ratio)), np.sqrt(ratio / (1.0 + ratio))
    arm = ArmPath(0.0, ARM_NODES[len(times)])
    for j, step, control, weight in control_paths(times):
        arm.extend(PATH_NODES[len(times)], step)
        limit = (high[j] * np.sqrt(times[j]) + shared * control) / own
        if j < len(times) - 1:
            arm.go_on((low[j] * np.sqrt(times[j]) + shared * control) / own, limit, FARTHEST * np.sqrt(times[j]))
            continue
        return float(1.0 - weight @ arm.below(limit[:, None])[:, 0] ** arms)
    raise ValueError("no analysis")


def constant_of(
    shape: ArrayLike,
    lower: ArrayLike,
    information: ArrayLike,
    arms: int,
    ratio: float,
    alpha: float,
    *,
    lower_shape: ArrayLike | None = None,
) -> float:
    """The constant C for which upper bounds C * shape (J,) have familywise error alpha.

    `lower` (J - 1,) are the lower bounds that the error counts on, C * lower_shape where that is given.
    """
    scaled = lower_shape is not None
    below = _numbers(lower if lower_shape is None else lower_shape)
    return _constant(_numbers(shape), below, scaled, _numbers(information), arms, ratio, alpha)


@lru_cache(maxsize=64)
def _constant(
    shape: Numbers, lower: Numbers, scaled: bool, information: Numbers, arms: int, ratio: float, alpha: float
) -> float:
    """Kept, since the points of a sweep often share their bounds; `scaled` lower bounds are multiplied, too."""
    from scipy.optimize import brentq

    def excess(constant: float) -> float:
        below = np.array(lower) * (constant if scaled else 1.0)
        return familywise_error(constant * np.array(shape), below, information, arms, ratio) - alpha

    return float(brentq(excess, 0.3, 8.0, xtol=1e-8))


def _numbers(values: ArrayLike) -> Numbers:
    return tuple(np.asarray(values, dtype=np.float64).tolist())


def power_of_best(
    upper: ArrayLike,
    lower: ArrayLike,
    information: ArrayLike,
    effects: tuple[float, float],
    arms: int,
    ratio: float = 1.0,
) -> float:
    """Probability that one better arm is the first to pass its upper bound, and the highest where others pass with it.

    `effects` are the expected z of the better arm and of each other one at the last analysis.
    """
    times, high, low = _arrays(information, upper, [*np.atleast_1d(lower), 0.0])
    own, shared = np.sqrt(1.0 / (1.0 + ratio)), np.sqrt(ratio / (1.0 + ratio))
    best, other = (ArmPath(effect / own, ARM_NODES[len(times)]) for effect in effects)
    found = 0.0
    for j, step, control, weight in control_paths(times):
        root, reach = np.sqrt(times[j]), FARTHEST * np.sqrt(times[j])
        for arm in (best, other):
            arm.extend(PATH_NODES[len(times)], step)
        limit = (high[j] * root + shared * control) / own
        beyond, lengths = best.points(limit, np.full_like(limit, np.inf), reach)
        found += float(weight @ (best.density(beyond) * other.below(beyond) ** (arms - 1) * lengths).sum(axis=1))
        if j < len(times) - 1:
            for arm in (best, other):
                arm.go_on((low[j] * root + shared * control) / own, limit, reach)
    return found


def _arrays(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(array, dtype=np.float64) for array in values)


def control_paths(times: Floats) -> Iterator[tuple[int, float, Floats, Floats]]:
    """Analysis, square root of its gain of information, and values and weights (N,) of the control's paths."""
    nodes, chances = np.polynomial.hermite_e.hermegauss(PATH_NODES[len(times)])
    control, weight, before = np.zeros(1), np.ones(1), 0.0
    for j, now in enumerate(times):
        step = float(np.sqrt(now - before))
        control = (control[:, None] + step * nodes).ravel()
        weight = np.outer(weight, chances / chances.sum()).ravel()
        before = now
        yield j, step, control, weight

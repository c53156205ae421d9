"""What is still to come at an interim analysis: conditional and predictive power, probability of success."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.integration import crossing_probabilities

PRIOR_POINTS = 64


def conditional_power(
    boundaries: Boundaries,
    look: int,
    z: float,
    drifts: ArrayLike | None = None,
    *,
    with_futility: bool = True,
    final_only: bool = False,
) -> Floats:
    """Probability of crossing the upper boundary later, given `z` at analysis `look` (from 1), under drifts (T,).

    Without drifts, under the estimate z / sqrt(information). `final_only` looks at the last analysis alone, as if there
    were none before it. Source: Jennison and Turnbull (2000), section 10.2; Proschan, Lan and Wittes (2006), chapter 3.
    """
    _check_look(boundaries, look, last=False)
    now = boundaries.information[look - 1]
    slopes = np.atleast_1d(np.asarray(z / math.sqrt(now) if drifts is None else drifts, dtype=np.float64))
    first = len(boundaries.information) - 1 if final_only else look
    later = boundaries.information[first:]
    gained = later - now

    def shifted(bounds: Floats) -> Floats:
        return np.asarray((bounds[first:] * np.sqrt(later) - z * math.sqrt(now)) / np.sqrt(gained))

    upper = shifted(boundaries.upper_z)
    lower = (
        shifted(boundaries.lower_z) if with_futility and boundaries.plan.sides == 1 else np.full(len(later), -np.inf)
    )
    return np.asarray(crossing_probabilities(gained, lower, upper, slopes).upper.sum(axis=1))


def predictive_power(
    boundaries: Boundaries,
    look: int,
    z: float,
    *,
    prior_mean: float = 0.0,
    prior_sd: float = math.inf,
    with_futility: bool = True,
    final_only: bool = False,
) -> float:
    """Conditional power averaged over the drift given the data, with a normal prior, flat by default.

    Source: Spiegelhalter, Freedman and Blackburn (1986), Controlled Clinical Trials 7, 8-17.
    """
    _check_look(boundaries, look, last=False)
    if not prior_sd > 0.0:
        raise InputError("the prior has no spread", where="prior_sd", allowed="above 0", got=prior_sd)
    now = float(boundaries.information[look - 1])
    precision = now + prior_sd**-2
    mean = (z * math.sqrt(now) + prior_mean * prior_sd**-2) / precision
    points, weights = np.polynomial.hermite_e.hermegauss(PRIOR_POINTS)
    drifts = mean + points / math.sqrt(precision)
    power = conditional_power(boundaries, look, z, drifts, with_futility=with_futility, final_only=final_only)
    return float(power @ weights / weights.sum())


def probability_of_success(boundaries: Boundaries, drifts: ArrayLike, weights: ArrayLike) -> float:
    """Probability of crossing the upper boundary, averaged over drifts with weights."""
    return float(boundaries.crossing(drifts).upper.sum(axis=1) @ np.asarray(weights, dtype=np.float64))


def _check_look(boundaries: Boundaries, look: int, *, last: bool) -> None:
    looks = len(boundaries.information) - (0 if last else 1)
    if not 1 <= look <= looks:
        raise InputError("no such analysis", where="look", allowed=f"1 to {looks}", got=look)

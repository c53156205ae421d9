"""Win probability of two arms adjusted for covariates without a model."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from jaksim.analysis.newton import covariate_matrix, standardised
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.arrays import Floats
from jaksim.errors import InputError

ESTIMAND = "probability that a patient of the active arm does better than one of the reference arm, plus half the ties"
DIVISORS = ("n - 1", "n", "n, times N/(N - 1)")


def mann_whitney_adjusted(
    active: ArrayLike,
    value: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    divisor: str = "n - 1",
    level: float = 0.95,
) -> AnalysisResult:
    """Mann-Whitney probability that a higher `value` (n,) is in the active arm, ties half, test of one half.

    `active` (n,) is 1 in the active arm, else 0. With `covariates` (n, p) the estimate is what is left of it when the
    differences of their means are taken to be chance, as randomisation has it (Koch et al. 1998, Statistics in Medicine
    17:1863). The variance is that of DeLong, DeLong and Clarke-Pearson (1988) from each arm's n patients with `divisor`
    "n - 1", or "n" (as the R package hce); "n, times N/(N - 1)", N patients in both arms, is that of sanon.
    NaN where the covariates take the estimate beyond 0 or 1: the patients are too few for them. InputError for arms of
    fewer than two patients and for covariates that are constant or dependent.
    """
    if divisor not in DIVISORS:
        raise InputError("unknown divisor of variances", where="divisor", allowed=DIVISORS, got=divisor)
    arm, values = np.asarray(active) == 1, np.asarray(value, dtype=np.float64)
    if arm.shape != values.shape or not np.isfinite(values).all():
        raise InputError("one finite value and one arm per patient are needed", where="value", got=values.shape)
    sizes = np.array([(~arm).sum(), arm.sum()])
    if sizes.min() < 2:
        raise InputError("each arm needs at least two patients", where="active", got=int(sizes.min()))
    x = np.empty((len(values), 0))
    if covariates is not None:
        x, labels = covariate_matrix(covariates, len(values), None)
        # Within the arms, since their covariances are what is solved for.
        standardised(x, labels, arm.astype(np.int64), "arm")
    parts = [np.column_stack([_beaten(values, arm == one), x[arm == one]]) for one in (False, True)]
    probability = float(parts[1][:, 0].mean())
    less = 1.0 if divisor == "n - 1" else 0.0
    # A patient of the reference arm enters by the probability of losing.
    parts[0][:, 0] = 1.0 - parts[0][:, 0]
    moments = [_scatter(part) / (n * (n - less)) for part, n in zip(parts, sizes, strict=True)]
    moments[0][0, 1:] *= -1.0
    moments[0][1:, 0] *= -1.0
    covariance = moments[0] + moments[1]
    if divisor == DIVISORS[2]:
        covariance *= len(values) / (len(values) - 1.0)
    slope = np.linalg.solve(covariance[1:, 1:], covariance[1:, 0]) if x.shape[1] else np.empty(0)
    shift = parts[1][:, 1:].mean(axis=0) - parts[0][:, 1:].mean(axis=0)
    estimate = probability - float(slope @ shift)
    error = math.sqrt(max(covariance[0, 0] - float(slope @ covariance[1:, 0]), 0.0))
    z = (estimate - 0.5) / error if error > 0.0 else math.nan
    row = (estimate, error, z) if 0.0 <= estimate <= 1.0 else (math.nan, math.nan, math.nan)
    return summarise("mann_whitney_adjusted", ESTIMAND, row, float(len(values)), level=level, bounds=(0.0, 1.0))


def _beaten(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Share of the other arm that each chosen patient beats, ties half."""
    beaten: Floats = (rankdata(values)[chosen] - rankdata(values[chosen])) / (~chosen).sum()
    return beaten


def _scatter(part: Floats) -> Floats:
    centred = part - part.mean(axis=0)
    scatter: Floats = centred.T @ centred
    return scatter

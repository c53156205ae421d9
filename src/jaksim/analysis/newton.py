"""Maximum likelihood fits with covariates: Newton's method on a concave log likelihood, and what is read off it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.result import normal_quantile
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.ratio import ratio_of

Evaluate = Callable[[Floats], tuple[float, Floats, Floats]]

MOST_STEPS = 80
MOST_HALVINGS = 40
DECREMENT = 1e-18
"""Squared length of the last step in standard errors."""
NEARLY_THERE = 1e-6
SETTLED = 1e-10
"""Below it a length that no longer falls is what rounding leaves."""
LARGEST_STANDARD_ERROR = 1e3
"""Of a covariate in units of its standard deviation: beyond it the likelihood has no maximum (separation)."""
LOST = 1e4
DEPENDENT = 1e-9


@dataclass(frozen=True)
class Coefficient:
    """One regression coefficient on the log scale, its ratio and its Wald test; NaN where it has no finite estimate."""

    name: str
    estimate: float
    se: float
    ci: tuple[float, float]
    statistic: float
    p_value: float
    ratio: float
    ratio_ci: tuple[float, float]


@dataclass(frozen=True)
class Fit:
    """Coefficients in the order of the covariates with their covariance (p, p), and the log likelihoods.

    `log_likelihood` holds that without covariates and that of the fit; `n` patients, `n_events` events (Cox) entered.
    `robust` tells whether the covariance is the sandwich. Where `freedom` are the degrees of freedom of a residual
    variance, tests and intervals have Student's t.
    """

    coefficients: tuple[Coefficient, ...]
    covariance: Floats
    log_likelihood: tuple[float, float]
    n: int
    n_events: int | None = None
    robust: bool = False
    freedom: float | None = None


def covariate_matrix(x: ArrayLike, n: int, names: Sequence[str] | None) -> tuple[Floats, tuple[str, ...]]:
    """Covariates (n, p) as floats with their names; InputError for another shape or values that are not finite."""
    matrix = np.array(x, dtype=np.float64)
    if matrix.ndim == 1:
        matrix = matrix[:, np.newaxis]
    if matrix.ndim != 2 or len(matrix) != n or not matrix.shape[1]:
        raise InputError("covariates have the wrong shape", where="x", allowed=f"({n}, p)", got=matrix.shape)
    if not np.isfinite(matrix).all():
        raise InputError("a covariate is missing or not finite", where="x")
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InputError("one name per covariate is needed", where="names", got=len(labels))
    return matrix, labels


def group_numbers(groups: ArrayLike | None, n: int, where: str) -> NDArray[np.int64]:
    """Groups (n,) numbered from 0; a single one if None."""
    if groups is None:
        return np.zeros(n, dtype=np.int64)
    values = np.asarray(groups)
    if values.shape != (n,):
        raise InputError("one value per patient is needed", where=where, allowed=f"({n},)", got=values.shape)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def standardised(
    x: Floats, names: Sequence[str], within: NDArray[np.int64], group: str = "stratum"
) -> tuple[Floats, Floats]:
    """Covariates centred within their groups with unit standard deviation, and the standard deviations (p,).

    Raises InputError for a covariate that is constant (within every group) or a linear combination of those before it;
    `group` is what the message calls a group.
    """
    sizes = np.bincount(within)
    means = np.stack([np.bincount(within, weights=column) / np.maximum(sizes, 1) for column in x.T], axis=1)
    centred = x - means[within]
    spread = np.sqrt((centred**2).mean(axis=0))
    scale = np.maximum(np.abs(x).max(axis=0), 1e-300)
    inside = f" within every {group}" if len(sizes) > 1 else ""
    for name, sd, size in zip(names, spread, scale, strict=True):
        if sd <= DEPENDENT * size:
            raise InputError(f"covariate '{name}' is constant{inside}", where="covariates")
    centred /= spread
    triangle = np.abs(np.diag(np.linalg.qr(centred, mode="r"))) / math.sqrt(len(x))
    for name, left in zip(names, triangle, strict=False):
        if left < 1e-7:
            raise InputError(
                f"covariate '{name}' is a linear combination of those before it{inside}", where="covariates"
            )
    if len(x) < x.shape[1]:
        raise InputError("there are more covariates than patients", where="covariates", got=x.shape[1])
    return centred, spread


def maximise(evaluate: Evaluate, start: Floats) -> tuple[Floats, float, Floats] | None:
    """The maximum of a concave function, its value and the inverse of its information; None if it is not found.

    `evaluate` gives value, gradient and negative Hessian. Where the
    function has no maximum the search ends once a standard error has passed `LOST`; the other parameters then stand
    at their limits.
    """
    from scipy.linalg import cho_factor, cho_solve

    at = start
    value, gradient, information = evaluate(at)
    before = math.inf
    for _ in range(MOST_STEPS):
        try:
            covariance = cho_solve(cho_factor(information), np.eye(len(gradient)))
        except (np.linalg.LinAlgError, ValueError):
            return None
        step = covariance @ gradient
        decrement = float(gradient @ step)
        settled = decrement < DECREMENT or before <= decrement < SETTLED
        if settled or math.sqrt(covariance.diagonal().max()) > LOST:
            return at, value, covariance
        before = decrement
        for _ in range(MOST_HALVINGS):
            found = evaluate(at + step)
            if math.isfinite(found[0]) and (found[0] >= value or decrement < NEARLY_THERE):
                break
            step = step / 2.0
        at = at + step
        value, gradient, information = found
    return None


def coefficients(names: Sequence[str], beta: Floats, se: Floats, level: float) -> tuple[Coefficient, ...]:
    """The coefficients with Wald tests and intervals."""
    quantile = normal_quantile(level)
    rows = []
    for name, estimate, error in zip(names, beta.tolist(), se.tolist(), strict=True):
        z = estimate / error if error > 0.0 else math.nan
        low, high = estimate - quantile * error, estimate + quantile * error
        rows.append(
            Coefficient(
                name=name,
                estimate=estimate,
                se=error,
                ci=(low, high),
                statistic=z,
                p_value=math.erfc(abs(z) / math.sqrt(2.0)),
                ratio=ratio_of(estimate),
                ratio_ci=(ratio_of(low), ratio_of(high)),
            )
        )
    return tuple(rows)


def without_separated(beta: Floats, covariance: Floats, model: Floats) -> tuple[Floats, Floats]:
    """Coefficients and covariance with NaN where the model-based one (standardised) shows that there is no maximum."""
    lost = np.sqrt(model.diagonal()) > LARGEST_STANDARD_ERROR
    beta, covariance = beta.copy(), covariance.copy()
    beta[lost] = np.nan
    covariance[lost] = np.nan
    covariance[:, lost] = np.nan
    return beta, covariance

"""Maximum likelihood of the proportional odds model on patients with covariates; thresholds are eliminated first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, solveh_banded
from scipy.special import expit, log_expit

from jaksim.analysis.newton import DECREMENT, LOST, MOST_HALVINGS, MOST_STEPS, NEARLY_THERE, SETTLED
from jaksim.arrays import Floats, Integers


def intercepts(groups: Integers) -> Floats:
    share = np.cumsum(np.bincount(groups))[:-1] / len(groups)
    return np.asarray(np.log(share) - np.log1p(-share))


def maximise(x: Floats, groups: Integers, alpha: Floats) -> tuple[Floats, Floats, float, Floats] | None:
    """Thresholds and coefficients at the maximum, the log likelihood there and the coefficients' covariance.

    By Newton's method from thresholds `alpha` and no effect; None where there is no maximum.
    """
    beta = np.zeros(x.shape[1])
    value = likelihood(x, groups, alpha, beta)
    before = math.inf
    for _ in range(MOST_STEPS):
        step = _newton_step(x, groups, alpha, beta)
        if step is None:
            return None
        d_alpha, d_beta, decrement, covariance = step
        settled = decrement < DECREMENT * max(1.0, len(alpha)) or before <= decrement < SETTLED
        if settled or math.sqrt(covariance.diagonal().max()) > LOST:
            return alpha, beta, value, covariance
        before = decrement
        for _ in range(MOST_HALVINGS):
            found = likelihood(x, groups, alpha + d_alpha, beta + d_beta)
            if math.isfinite(found) and (found >= value or decrement < NEARLY_THERE):
                break
            d_alpha, d_beta = d_alpha / 2.0, d_beta / 2.0
        alpha, beta, value = alpha + d_alpha, beta + d_beta, found
    return None


def ends(x: Floats, groups: Integers, alpha: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Linear predictors at the upper and lower threshold of each patient's category, infinite at the ends."""
    edges = np.concatenate([[-np.inf], alpha, [np.inf]])
    shift = x @ beta
    return edges[groups + 1] + shift, edges[groups] + shift


def likelihood(x: Floats, groups: Integers, alpha: Floats, beta: Floats) -> float:
    gaps = np.diff(alpha)
    if (gaps <= 0.0).any():
        return -math.inf
    upper, lower = ends(x, groups, alpha, beta)
    inner = np.bincount(groups, minlength=len(alpha) + 1)[1:-1]
    return float(log_expit(upper).sum() + log_expit(-lower).sum() + inner @ np.log(-np.expm1(-gaps)))


@dataclass(frozen=True)
class Derivatives:
    """Score and observed information; `upper` and `lower` are each patient's slopes at the ends of the category.

    `banded` (2, m) is the thresholds' tridiagonal block, `border` (m, p) that between them and the coefficients,
    `corner` (p, p) the coefficients'.
    """

    upper: Floats
    lower: Floats
    g_alpha: Floats
    g_beta: Floats
    banded: Floats
    border: Floats
    corner: Floats


def derivatives(x: Floats, groups: Integers, alpha: Floats, beta: Floats) -> Derivatives:
    """Derivatives of the log likelihood in thresholds and coefficients.

    As in `proportional_odds_derivatives` a category has probability F(upper) (1 - F(lower)) (1 - exp(lower - upper)),
    where the last factor depends on the thresholds alone.
    """
    m = len(alpha)
    upper, lower = ends(x, groups, alpha, beta)
    f_upper, f_lower = expit(upper), expit(lower)
    slope_upper, slope_lower = 1.0 - f_upper, -f_lower
    bend_upper, bend_lower = f_upper * slope_upper, f_lower * (1.0 - f_lower)

    def per_threshold(at_upper: Floats, at_lower: Floats) -> Floats:
        of_upper = np.bincount(groups, weights=at_upper, minlength=m + 1)[:m]
        return np.asarray(of_upper + np.bincount(groups, weights=at_lower, minlength=m + 1)[1:])

    inner = np.bincount(groups, minlength=m + 1)[1:-1]
    gaps = np.diff(alpha)
    pull = inner / np.expm1(gaps)
    curve = inner / (4.0 * np.sinh(gaps / 2.0) ** 2)
    g_alpha = per_threshold(slope_upper, slope_lower)
    diagonal = per_threshold(bend_upper, bend_lower)
    g_alpha[1:] += pull
    g_alpha[:-1] -= pull
    diagonal[1:] += curve
    diagonal[:-1] += curve
    banded = np.zeros((2, m))
    banded[1] = diagonal
    banded[0, 1:] = -curve
    return Derivatives(
        upper=slope_upper,
        lower=slope_lower,
        g_alpha=g_alpha,
        g_beta=x.T @ (slope_upper + slope_lower),
        banded=banded,
        border=np.stack([per_threshold(bend_upper * column, bend_lower * column) for column in x.T], axis=1),
        corner=(x * (bend_upper + bend_lower)[:, np.newaxis]).T @ x,
    )


def _newton_step(
    x: Floats, groups: Integers, alpha: Floats, beta: Floats
) -> tuple[Floats, Floats, float, Floats] | None:
    """Step of thresholds and coefficients, its squared length in standard errors, covariance of the coefficients."""
    at = derivatives(x, groups, alpha, beta)
    try:
        solved = solveh_banded(at.banded[-min(len(alpha), 2) :], np.column_stack([at.border, at.g_alpha]))
        covariance = np.linalg.inv(at.corner - at.border.T @ solved[:, :-1])
    except (LinAlgError, np.linalg.LinAlgError, ValueError):
        return None
    if not (covariance.diagonal() > 0.0).all():
        return None
    d_beta = covariance @ (at.g_beta - at.border.T @ solved[:, -1])
    d_alpha = solved[:, -1] - solved[:, :-1] @ d_beta
    return d_alpha, d_beta, float(at.g_alpha @ d_alpha + at.g_beta @ d_beta), covariance


def influence(x: Floats, groups: Integers, alpha: Floats, beta: Floats, covariance: Floats) -> Floats:
    """Score residual of each patient times the inverse information (n, p), at the maximum.

    Their cross product is the sandwich covariance of the coefficients (Huber 1967; White 1982).
    """
    at = derivatives(x, groups, alpha, beta)
    of_thresholds = np.zeros((len(alpha) + 2, len(beta)))
    of_thresholds[1:-1] = -solveh_banded(at.banded[-min(len(alpha), 2) :], at.border) @ covariance
    gap = np.zeros(len(alpha) + 1)
    gap[1:-1] = 1.0 / np.expm1(np.diff(alpha))
    to_upper, to_lower = (slope[:, np.newaxis] for slope in (at.upper + gap[groups], at.lower - gap[groups]))
    own = (at.upper + at.lower)[:, np.newaxis] * (x @ covariance)
    return np.asarray(own + to_upper * of_thresholds[groups + 1] + to_lower * of_thresholds[groups])

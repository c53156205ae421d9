"""Difference of restricted mean times adjusted for covariates: regression with censoring weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.newton import Coefficient, Fit, covariate_matrix, group_numbers, standardised
from jaksim.analysis.result import normal_quantile, within
from jaksim.analysis.survival.tied_times import on_a_time, tied
from jaksim.arrays import Floats
from jaksim.errors import InputError

LEAST_FREE = 1e-3
"""Weights stay below its inverse."""


def rmst_covariates(
    time: ArrayLike,
    status: ArrayLike,
    x: ArrayLike,
    *,
    tau: float | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> Fit:
    """Linear regression of the time without the event up to `tau` on the arm, first column of x (n, p), and covariates.

    `status` is 1 for the event, any other value ends the follow-up; times in any unit. Patients with the event or
    followed to `tau` weigh the inverse of the Kaplan-Meier estimate, in their arm, of not being censored; the
    covariance allows for its estimation (Tian, Zhao and Wei 2014, Biostatistics 15:222; survRM2 prints the same).
    The last coefficient is the intercept. Coefficients are differences of means, so their ratios are NaN. `tau` is by
    default the shorter of the two arms' longest follow-ups. InputError for a later one, and for covariates that are
    constant or dependent.
    """
    times, events = tied(np.asarray(time, dtype=np.float64)), np.asarray(status) == 1
    matrix, labels = covariate_matrix(x, len(times), names)
    arms = group_numbers(matrix[:, 0], len(times), "arm")
    if arms.max() != 1:
        raise InputError("the first covariate must tell two arms apart", where="x", got=f"{arms.max() + 1} values")
    standardised(matrix, labels, np.zeros(len(times), dtype=np.int64))
    limit = _limit(times, arms, tau)
    until = np.minimum(times, limit)
    known = events | (times >= limit)
    design = np.column_stack([matrix, np.ones(len(times))])
    weight = np.empty(len(times))
    for arm in (0, 1):
        chosen = arms == arm
        weight[chosen] = known[chosen] / np.maximum(_uncensored(until[chosen], known[chosen]), LEAST_FREE)
    if not known.all():
        standardised(matrix[weight > 0.0], labels, np.zeros(int((weight > 0.0).sum()), dtype=np.int64))
    gram = (design * weight[:, np.newaxis]).T @ design
    beta = np.linalg.solve(gram, design.T @ (weight * until))
    score = design * (weight * (until - design @ beta))[:, np.newaxis]
    influence = np.concatenate(
        [_influence(until[arms == arm], known[arms == arm], score[arms == arm]) for arm in (0, 1)]
    )
    bread = np.linalg.inv(design.T @ design)
    covariance = bread @ (influence.T @ influence) @ bread
    treatment, *others = _coefficients((*labels, "intercept"), beta, np.sqrt(covariance.diagonal()), level)
    found = (replace(treatment, ci=within(treatment.ci, (-limit, limit))), *others)
    return Fit(found, covariance, (math.nan, math.nan), len(times), int((events & (times <= limit)).sum()))


def _limit(times: Floats, arms: NDArray[np.int64], tau: float | None) -> float:
    followed = min(float(times[arms == arm].max()) for arm in (0, 1))
    if tau is None:
        return followed
    tau = on_a_time(tau, times)
    if not 0.0 < tau <= followed:
        raise InputError(
            "no patient of one arm is followed so long", where="tau", allowed=f"above 0, at most {followed:g}", got=tau
        )
    return float(tau)


def _uncensored(until: Floats, known: NDArray[np.bool_]) -> Floats:
    """Kaplan-Meier estimate of not being censored, at every patient's own time."""
    values, where = np.unique(until, return_inverse=True)
    lost = np.bincount(where, weights=~known)
    at_risk = np.bincount(where)[::-1].cumsum()[::-1]
    free: Floats = np.cumprod(1.0 - lost / at_risk)
    return free[where] if len(values) else free


def _influence(until: Floats, known: NDArray[np.bool_], score: Floats) -> Floats:
    """Influence (n, p) of the patients of one arm: their score and what censoring tells of the later ones."""
    _, where = np.unique(until, return_inverse=True)
    lost = np.bincount(where, weights=~known)
    at_risk = np.bincount(where)[::-1].cumsum()[::-1].astype(np.float64)
    ahead = np.zeros((len(lost), score.shape[1]))
    np.add.at(ahead, where, score)
    mean = ahead[::-1].cumsum(axis=0)[::-1] / at_risk[:, np.newaxis]
    compensator = (mean * (lost / at_risk)[:, np.newaxis]).cumsum(axis=0)
    influence: Floats = score + mean[where] * (~known)[:, np.newaxis] - compensator[where]
    return influence


def _coefficients(
    names: Sequence[str], beta: NDArray[Any], errors: NDArray[Any], level: float
) -> tuple[Coefficient, ...]:
    quantile, nothing = normal_quantile(level), (math.nan, math.nan)
    return tuple(
        Coefficient(
            name=name,
            estimate=estimate,
            se=error,
            ci=(estimate - quantile * error, estimate + quantile * error),
            statistic=estimate / error,
            p_value=math.erfc(abs(estimate / error) / math.sqrt(2.0)),
            ratio=math.nan,
            ratio_ci=nothing,
        )
        for name, estimate, error in zip(names, beta.tolist(), errors.tolist(), strict=True)
    )

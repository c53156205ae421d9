"""Logistic regression of patients, replicate by replicate: the conditional odds ratio of the arm.

Maximum likelihood by Newton's method. z is Wald's, by the information or by the sandwich (Huber 1967; White 1982), or
that of the efficient score: the score of the arm at the fit without it, in units of its standard error given the other
columns. Where the event is in all patients of an arm, or in none, the log odds ratio is infinite, and the score alone
has a z.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.analysis.regression.columns import both_arms, fill_columns, on_the_scale_given
from jaksim.analysis.regression.solving import add_outer, factor, invert, sandwich, solve
from jaksim.kernel.jit import inner, kernel

MODEL, ROBUST, SCORE = 0, 1, 2
MOST_STEPS: Final = 60
MOST_HALVINGS: Final = 30
DECREMENT: Final = 1e-16
"""Squared length of the last step in standard errors."""
SEPARATED: Final = 1e3
"""Standard error of a coefficient beyond which the likelihood has no maximum."""


@kernel
def logistic_kernel(
    starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any, betas: Any,
    covariances: Any,
) -> None:  # fmt: skip
    """Fill out (B, 3) from patients `starts[b]` to `starts[b + 1]` with y 1 for the event, 0 without, -1 unknown.

    `weight` (n,) are numbers of patients; z is that of the log odds ratio `value`. `betas` (b, q) and `covariances` (b,
    q, q) keep the coefficients of the last b replicates, the intercept first, the arm last.
    """
    q = betas.shape[1]
    longest = 0
    for b in range(starts.shape[0] - 1):
        longest = max(longest, starts[b + 1] - starts[b])
    z = np.empty((longest, q))
    used = np.empty(longest)
    spread = np.empty(q)
    information = np.empty((q, q))
    scratch = np.empty((q, q))
    for b in range(starts.shape[0] - 1):
        begin, end = starts[b], starts[b + 1]
        n = end - begin
        for i in range(n):
            used[i] = weight[begin + i] if y[begin + i] >= 0 else 0.0
        out[b, :] = np.nan
        beta, covariance = betas[b % betas.shape[0]], covariances[b % betas.shape[0]]
        beta[:] = np.nan
        covariance[:] = np.nan
        if not both_arms(arm[begin:end], used[:n]):
            continue
        fill_columns(x[begin:end], stratum[begin:end], arm[begin:end], used[:n], 1, z[:n], spread)
        if not fit(z[:n], y[begin:end], used[:n], q, beta, information):
            beta[:] = np.nan
            continue
        invert(information, covariance)
        if not information[q - 1, q - 1] > 0.0:
            continue
        error = math.sqrt(covariance[q - 1, q - 1])
        if error > SEPARATED:
            out[b, 0] = math.copysign(math.inf, beta[q - 1])
        else:
            if how == ROBUST:
                meat(z[:n], y[begin:end], used[:n], beta, information)
                sandwich(covariance, information, scratch)
                covariance[:] = information
                error = math.sqrt(covariance[q - 1, q - 1])
            out[b, 0] = beta[q - 1]
            out[b, 1] = error
            if how != SCORE:
                out[b, 2] = (beta[q - 1] - value) / error
        on_the_scale_given(spread, beta, covariance)
        if how == SCORE:
            out[b, 2] = score_z(z[:n], y[begin:end], used[:n], value, scratch)


@inner
def fit(z: Any, y: Any, used: Any, free: Any, beta: Any, information: Any) -> Any:
    """Fill the coefficients of the first `free` columns, the others being as they are given, or 0 where all are free,
    and the Cholesky factor of their information; False where all patients have the event, or none."""
    patients = events = 0.0
    for i in range(y.shape[0]):
        patients += used[i]
        if y[i] > 0:
            events += used[i]
    if not 0.0 < events < patients:
        return False
    offset = beta[free:].copy()
    beta[:] = 0.0
    beta[free:] = offset
    beta[0] = math.log(events / (patients - events))
    q = beta.shape[0]
    score, step, at = np.empty(q), np.empty(q), np.empty(q)
    likelihood = derivatives(z, y, used, beta, score, information)
    for _ in range(MOST_STEPS):
        factor(information[:free, :free])
        step[:] = 0.0
        step[:free] = score[:free]
        solve(information[:free, :free], step[:free])
        decrement = 0.0
        for k in range(free):
            decrement += step[k] * score[k]
        if decrement < DECREMENT:
            for k in range(free):
                beta[k] += step[k]
            return True
        for _ in range(MOST_HALVINGS):
            for k in range(q):
                at[k] = beta[k] + step[k]
            found = derivatives(z, y, used, at, score, information)
            if found >= likelihood - 1e-9 * abs(likelihood):
                break
            step *= 0.5
        beta[:] = at
        likelihood = found
    factor(information[:free, :free])
    return True


@inner
def derivatives(z: Any, y: Any, used: Any, beta: Any, score: Any, information: Any) -> Any:
    """The log likelihood; fills its score (q,) and the lower half of the information (q, q)."""
    n, q = z.shape
    value = 0.0
    score[:] = 0.0
    information[:] = 0.0
    for i in range(n):
        if used[i] <= 0.0:
            continue
        eta = 0.0
        for k in range(q):
            eta += z[i, k] * beta[k]
        small = math.exp(-abs(eta))
        chance = 1.0 / (1.0 + small) if eta >= 0.0 else small / (1.0 + small)
        value -= used[i] * (math.log1p(small) + (max(eta, 0.0) if y[i] == 0 else max(-eta, 0.0)))
        residual = used[i] * (y[i] - chance)
        for k in range(q):
            score[k] += residual * z[i, k]
        add_outer(used[i] * small / ((1.0 + small) * (1.0 + small)), z[i], information)
    return value


@inner
def meat(z: Any, y: Any, used: Any, beta: Any, out: Any) -> None:
    """Fill the lower half of out (q, q) with the sum over patients of their squared scores."""
    out[:] = 0.0
    for i in range(z.shape[0]):
        if used[i] > 0.0:
            residual = y[i] - expit(dot(z[i], beta))
            add_outer(used[i] * residual * residual, z[i], out)


@inner
def score_z(z: Any, y: Any, used: Any, value: Any, information: Any) -> Any:
    """z of the efficient score of the arm at a log odds ratio of `value`."""
    q = z.shape[1]
    beta, score = np.zeros(q), np.empty(q)
    beta[q - 1] = value
    if not fit(z, y, used, q - 1, beta, information):
        return np.nan
    derivatives(z, y, used, beta, score, information)
    factor(information)
    return score[q - 1] / information[q - 1, q - 1] if information[q - 1, q - 1] > 0.0 else np.nan


@inner
def dot(a: Any, b: Any) -> Any:
    """The product of two columns (q,), summed in their order."""
    total = 0.0
    for k in range(a.shape[0]):
        total += a[k] * b[k]
    return total


@inner
def expit(eta: Any) -> Any:
    """The probability with these log odds."""
    small = math.exp(-abs(eta))
    return 1.0 / (1.0 + small) if eta >= 0.0 else small / (1.0 + small)

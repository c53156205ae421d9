"""Linear regression of patients, replicate by replicate: analysis of covariance.

The error is that of one residual variance, with n less the number of coefficients as degrees of freedom of Student's t,
or the sandwich, which holds whatever the variances and the shape of the regression (White 1980), with residuals divided
by 1 less their leverage (HC3; MacKinnon and White 1985) and the same t.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.regression.columns import both_arms, fill_columns, on_the_scale_given
from jaksim.analysis.regression.logistic import ROBUST, dot
from jaksim.analysis.regression.solving import add_outer, factor, invert, sandwich, solve
from jaksim.analysis.student import normal_value
from jaksim.kernel.jit import inner, kernel


@kernel
def linear_kernel(
    starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any, betas: Any,
    covariances: Any,
) -> None:  # fmt: skip
    """Fill out (B, 3) as `logistic_kernel` does, from values y, NaN where unknown; z has the p of Student's t."""
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
            used[i] = 0.0 if np.isnan(y[begin + i]) else weight[begin + i]
        out[b, :] = np.nan
        beta, covariance = betas[b % betas.shape[0]], covariances[b % betas.shape[0]]
        beta[:] = np.nan
        covariance[:] = np.nan
        if not both_arms(arm[begin:end], used[:n]):
            continue
        fill_columns(x[begin:end], stratum[begin:end], arm[begin:end], used[:n], 1, z[:n], spread)
        freedom = _fit(z[:n], y[begin:end], used[:n], beta, information)
        invert(information, covariance)
        if not information[q - 1, q - 1] > 0.0 or not freedom > 0.0:
            continue
        spread_of_errors = _meat(z[:n], y[begin:end], used[:n], beta, covariance, how == ROBUST, information)
        if how == ROBUST:
            sandwich(covariance, information, scratch)
            covariance[:] = information
        else:
            covariance *= spread_of_errors / freedom
        out[b, 0] = beta[q - 1]
        out[b, 1] = math.sqrt(covariance[q - 1, q - 1])
        if out[b, 1] > 0.0:
            out[b, 2] = normal_value((beta[q - 1] - value) / out[b, 1], freedom)
        on_the_scale_given(spread, beta, covariance)


@inner
def _fit(z: Any, y: Any, used: Any, beta: Any, information: Any) -> Any:
    """Fill coefficients (q,) and the Cholesky factor of their squares (q, q); the degrees of freedom left."""
    n, q = z.shape
    patients = mean = 0.0
    for i in range(n):
        if used[i] > 0.0:
            patients += used[i]
            mean += used[i] * y[i]
    mean /= patients
    beta[:] = 0.0
    information[:] = 0.0
    for i in range(n):
        if used[i] > 0.0:
            for k in range(q):
                beta[k] += used[i] * (y[i] - mean) * z[i, k]
            add_outer(used[i], z[i], information)
    factor(information)
    solve(information, beta)
    beta[0] += mean
    freedom = patients
    for k in range(q):
        if information[k, k] > 0.0:
            freedom -= 1.0
    return freedom


@inner
def _meat(z: Any, y: Any, used: Any, beta: Any, inverse: Any, leverage: Any, out: Any) -> Any:
    """The sum of squared residuals; with `leverage` fills the lower half of out (q, q) with that of HC3."""
    n, q = z.shape
    total = 0.0
    out[:] = 0.0
    for i in range(n):
        if used[i] > 0.0:
            residual = y[i] - dot(z[i], beta)
            total += used[i] * residual * residual
            if leverage:
                own = 0.0
                for j in range(q):
                    own += z[i, j] * dot(inverse[j], z[i])
                if own < 1.0:
                    residual /= 1.0 - own
                add_outer(used[i] * residual * residual, z[i], out)
    return total

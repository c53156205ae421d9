"""The columns of a model for the patients of one replicate."""

from __future__ import annotations

import math
from typing import Any, Final

from jaksim.kernel.jit import inner

CONSTANT: Final = 1e-9
"""Standard deviation, in units of the largest value, below which a column says nothing."""


@inner
def fill_columns(x: Any, factor: Any, arm: Any, weight: Any, intercept: Any, z: Any, spread: Any) -> None:
    """Fill z (n, q): an intercept where there is one, covariates and strata but the first, then the arm.

    Covariates and strata are centred and have unit standard deviation among patients of a weight above 0; `spread` (q,)
    tells by what they were divided. One that is constant becomes 0 and is lost. The arm comes last, so that it is the
    one that is lost where it depends on the others.
    """
    n, p = x.shape
    q = z.shape[1]
    strata = q - p - 1 - intercept
    for i in range(n):
        if intercept:
            z[i, 0] = 1.0
        for k in range(p):
            z[i, intercept + k] = x[i, k]
        for s in range(strata):
            z[i, intercept + p + s] = 1.0 if factor[i] == s + 1 else 0.0
        z[i, q - 1] = arm[i]
    spread[:] = 1.0
    patients = 0.0
    for i in range(n):
        patients += weight[i]
    for k in range(intercept, q - 1):
        mean = square = largest = 0.0
        for i in range(n):
            mean += weight[i] * z[i, k]
            if weight[i] > 0.0:
                largest = max(largest, abs(z[i, k]))
        mean /= patients
        for i in range(n):
            square += weight[i] * (z[i, k] - mean) ** 2
        root = math.sqrt(square / patients)
        if not root > CONSTANT * largest:
            z[:, k] = 0.0
            continue
        spread[k] = root
        for i in range(n):
            z[i, k] = (z[i, k] - mean) / root


@inner
def on_the_scale_given(spread: Any, beta: Any, covariance: Any) -> None:
    """Turn coefficients (q,) and covariance (q, q) of the columns into those of the covariates as they are given."""
    for i in range(spread.shape[0]):
        beta[i] /= spread[i]
        for j in range(spread.shape[0]):
            covariance[i, j] /= spread[i] * spread[j]


@inner
def both_arms(arm: Any, weight: Any) -> Any:
    """Whether patients of a weight above 0 are in both arms."""
    reference = active = 0.0
    for i in range(arm.shape[0]):
        if arm[i] > 0.0:
            active += weight[i]
        else:
            reference += weight[i]
    return reference > 0.0 and active > 0.0

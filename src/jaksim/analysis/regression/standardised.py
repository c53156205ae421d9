"""Standardised risks of patients, replicate by replicate: g-computation by a logistic model.

The risk of an arm is the mean, over all patients, of the chance that the model gives each of them in that arm. The
difference, or the ratio, of the two risks is marginal: it is of the population, whichever covariates are adjusted for,
and with the canonical link it is consistent under randomisation when the model is wrong (FDA 2023). The error is the
sandwich of the estimating equations of the model and of the two means together (Stefanski and Boos 2002; Sjolander
2016), so that patients count as drawn from a population, times n / (n - 1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.regression.columns import both_arms, fill_columns, on_the_scale_given
from jaksim.analysis.regression.logistic import dot, expit, fit
from jaksim.analysis.regression.solving import invert
from jaksim.kernel.jit import inner, kernel

DIFFERENCE, RATIO = 0, 1


@kernel
def standardised_kernel(
    starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any, betas: Any,
    covariances: Any,
) -> None:  # fmt: skip
    """Fill out (B, 3) as `logistic_kernel` does, of the risk difference or the log risk ratio."""
    q = betas.shape[1]
    longest = 0
    for b in range(starts.shape[0] - 1):
        longest = max(longest, starts[b + 1] - starts[b])
    z = np.empty((longest, q))
    used = np.empty(longest)
    spread = np.empty(q)
    information = np.empty((q, q))
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
            out[b, 0] = 0.0 if how == DIFFERENCE else np.nan
            continue
        invert(information, covariance)
        if information[q - 1, q - 1] > 0.0:
            _contrast(z[:n], y[begin:end], used[:n], beta, covariance, how, out[b])
            if out[b, 1] > 0.0:
                out[b, 2] = (out[b, 0] - value) / out[b, 1]
        on_the_scale_given(spread, beta, covariance)


@inner
def _contrast(z: Any, y: Any, used: Any, beta: Any, inverse: Any, how: Any, out: Any) -> None:
    """Fill the estimate and its standard error."""
    n, q = z.shape
    patients = 0.0
    risk = np.zeros(2)
    slope = np.zeros((2, q))
    pull = np.empty((2, q))
    for i in range(n):
        if used[i] <= 0.0:
            continue
        patients += used[i]
        rest = dot(z[i], beta) - z[i, q - 1] * beta[q - 1]
        for a in range(2):
            chance = expit(rest + a * beta[q - 1])
            risk[a] += used[i] * chance
            steep = used[i] * chance * (1.0 - chance)
            for k in range(q - 1):
                slope[a, k] += steep * z[i, k]
            slope[a, q - 1] += steep * a
    risk /= patients
    slope /= patients
    for a in range(2):
        for k in range(q):
            pull[a, k] = patients * dot(inverse[k], slope[a])
    # The estimate is a function of the two risks, and by these factors changes with each.
    of_reference, of_active = -1.0, 1.0
    if how == DIFFERENCE:
        out[0] = risk[1] - risk[0]
    else:
        if not (risk[0] > 1e-12 and risk[1] > 1e-12):
            out[0] = math.copysign(math.inf, risk[1] - risk[0])
            return
        out[0] = math.log(risk[1] / risk[0])
        of_reference, of_active = -1.0 / risk[0], 1.0 / risk[1]
    square = 0.0
    for i in range(n):
        if used[i] <= 0.0:
            continue
        arm_part = z[i, q - 1] * beta[q - 1]
        rest = dot(z[i], beta) - arm_part
        residual = y[i] - expit(rest + arm_part)
        reference = expit(rest) - risk[0] + dot(pull[0], z[i]) * residual
        active = expit(rest + beta[q - 1]) - risk[1] + dot(pull[1], z[i]) * residual
        influence = of_reference * reference + of_active * active
        square += used[i] * influence * influence
    out[1] = math.sqrt(square / (patients * (patients - 1.0)))

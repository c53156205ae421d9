"""Cox regression of patients with covariates, strata, tied times and robust standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.newton import (
    Fit,
    coefficients,
    covariate_matrix,
    group_numbers,
    maximise,
    standardised,
    without_separated,
)
from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.kernel.jit import kernel

TIES = ("efron", "breslow")


def cox_covariates(
    time: ArrayLike,
    status: ArrayLike,
    x: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    stratum: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    robust: bool = False,
    cluster: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    level: float = 0.95,
) -> Fit:
    """Log hazard ratios of covariates `x` (n, p) of patients with times and statuses (n,).

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time (cause-specific).
    `stratum` (n,) gives each stratum its own baseline hazard. Patients with an `entry` (n,) are at risk after it and up
    to their time. `ties` is "efron" (Efron 1977) or "breslow". With
    `robust` the covariance is the sandwich of Lin and Wei (1989); `cluster` (n,) sums the score residuals of patients
    of one cluster first and implies it. A positive `weight` (n,) of each patient, such as the inverse of a probability,
    multiplies what the patient adds to the likelihood and to score residuals (Binder 1992) and implies it too; tied
    events have their mean weight. Coefficients without a finite maximum (separation, no events) are NaN. Raises
    InputError for constant or linearly dependent covariates.
    """
    at = tied(np.array(time, dtype=np.float64))
    n = len(at)
    event = np.array(status) == 1
    if at.ndim != 1 or event.shape != at.shape or not np.isfinite(at).all():
        raise InputError("times and statuses must be of one length, times finite", where="time")
    if ties not in TIES:
        raise InputError("unknown value", where="ties", allowed=TIES, got=ties)
    matrix, labels = covariate_matrix(x, n, names)
    strata = group_numbers(stratum, n, "stratum")
    scaled, spread = standardised(matrix, labels, strata)
    row, since, sign = _risk(at, entry)
    order = np.lexsort((-since, strata[row]))
    row, since, sign = row[order], since[order], sign[order]
    happens = event[row] & (sign > 0.0)
    share = _weights(weight, n)[row]
    arrays = (np.ascontiguousarray(scaled[row]), strata[row], since, sign, share, happens, ties == "efron")
    p = matrix.shape[1]

    def evaluate(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        gradient, information = np.zeros(p), np.zeros((p, p))
        return likelihood_kernel(*arrays, beta, gradient, information), gradient, information

    zero = np.zeros(p)
    null = float(evaluate(zero)[0])
    found = maximise(evaluate, zero) if event.any() else None
    robust = robust or cluster is not None or weight is not None
    if found is None:
        nothing = np.full((p, p), np.nan)
        rows = coefficients(labels, np.full(p, np.nan), np.full(p, np.nan), level)
        return Fit(rows, nothing, (null, math.nan), n, int(event.sum()), robust)
    beta, value, model = found
    covariance = model
    if robust:
        residuals = np.zeros((len(row), p))
        residual_kernel(*arrays, beta, residuals)
        groups = np.arange(n) if cluster is None else group_numbers(cluster, n, "cluster")
        influence = residuals @ model
        influence = np.stack([np.bincount(groups[row], weights=column) for column in influence.T], axis=1)
        covariance = influence.T @ influence
    beta, covariance = without_separated(beta, covariance, model)
    beta, covariance = beta / spread, covariance / np.outer(spread, spread)
    rows = coefficients(labels, beta, np.sqrt(covariance.diagonal()), level)
    return Fit(rows, covariance, (null, value), n, int(event.sum()), robust)


def _weights(weight: ArrayLike | None, n: int) -> Floats:
    """Weights (n,), 1 where there are none."""
    if weight is None:
        return np.ones(n)
    found = np.array(weight, dtype=np.float64)
    if found.shape != (n,) or not ((found > 0.0) & np.isfinite(found)).all():
        raise InputError("every weight must be a positive number", where="weight")
    return found


def _risk(time: Floats, entry: ArrayLike | None) -> tuple[Integers, Floats, Floats]:
    """Changes of the risk set from the latest time to the earliest: patient, time, and +1 or, on entry, -1."""
    every = np.arange(len(time))
    if entry is None:
        return every, time, np.ones(len(time))
    start = np.array(entry, dtype=np.float64)
    if start.shape != time.shape or not (start < time).all():
        raise InputError("every entry must be a number below the patient's time", where="entry")
    return np.tile(every, 2), tied(np.concatenate([time, start])), np.repeat([1.0, -1.0], len(time))


@kernel
def likelihood_kernel(
    x: Any, stratum: Any, time: Any, sign: Any, share: Any, event: Any, efron: Any, beta: Any, gradient: Any,
    information: Any,
) -> Any:  # fmt: skip
    """Log partial likelihood; changes of the risk set by stratum, latest first, patients being added with sign 1.

    Patients count with their share (n,), tied events with the mean of theirs.

    Fills gradient (p,) and information (p, p).
    """
    n, p = x.shape
    eta = x @ beta
    top = eta.max()
    value = 0.0
    s0 = 0.0
    s1 = np.zeros(p)
    s2 = np.zeros((p, p))
    e1 = np.zeros(p)
    e2 = np.zeros((p, p))
    i = 0
    while i < n:
        if i == 0 or stratum[i] != stratum[i - 1]:
            s0 = 0.0
            s1[:] = 0.0
            s2[:] = 0.0
        e0 = 0.0
        e1[:] = 0.0
        e2[:] = 0.0
        mass = 0.0
        deaths = 0
        j = i
        while j < n and stratum[j] == stratum[i] and time[j] == time[i]:
            weight = sign[j] * share[j] * math.exp(eta[j] - top)
            s0 += weight
            for a in range(p):
                s1[a] += weight * x[j, a]
                for b in range(a + 1):
                    s2[a, b] += weight * x[j, a] * x[j, b]
            if event[j]:
                deaths += 1
                mass += share[j]
                value += share[j] * (eta[j] - top)
                e0 += weight
                for a in range(p):
                    gradient[a] += share[j] * x[j, a]
                    e1[a] += weight * x[j, a]
                    for b in range(a + 1):
                        e2[a, b] += weight * x[j, a] * x[j, b]
            j += 1
        for death in range(deaths):
            gone = death / deaths if efron else 0.0
            total = s0 - gone * e0
            value -= mass / deaths * math.log(total)
            for a in range(p):
                mean = (s1[a] - gone * e1[a]) / total
                gradient[a] -= mass / deaths * mean
                for b in range(a + 1):
                    other = (s1[b] - gone * e1[b]) / total
                    information[a, b] += mass / deaths * ((s2[a, b] - gone * e2[a, b]) / total - mean * other)
        i = j
    for a in range(p):
        for b in range(a):
            information[b, a] = information[a, b]
    return value


@kernel
def residual_kernel(
    x: Any, stratum: Any, time: Any, sign: Any, share: Any, event: Any, efron: Any, beta: Any, residuals: Any
) -> None:
    """Fill residuals (n, p) with the score residuals (Therneau, Grambsch and Fleming 1990; Efron's form for ties).

    Those of a patient who enters late are the sum of two rows, that of the patient's time and that of the entry.
    First pass, latest first: what each time adds to the cumulative hazard, plain and times the mean covariate. Second
    pass, earliest first: each patient's part of what has accumulated, times the patient's share.
    """
    n, p = x.shape
    eta = x @ beta
    top = eta.max()
    hazard = np.zeros(n)
    shifted = np.zeros((n, p))
    own = np.zeros(n)
    own_shifted = np.zeros((n, p))
    mean = np.zeros((n, p))
    s0 = 0.0
    s1 = np.zeros(p)
    e1 = np.zeros(p)
    i = 0
    while i < n:
        if i == 0 or stratum[i] != stratum[i - 1]:
            s0 = 0.0
            s1[:] = 0.0
        e0 = 0.0
        e1[:] = 0.0
        mass = 0.0
        deaths = 0
        j = i
        while j < n and stratum[j] == stratum[i] and time[j] == time[i]:
            weight = sign[j] * share[j] * math.exp(eta[j] - top)
            s0 += weight
            for a in range(p):
                s1[a] += weight * x[j, a]
            if event[j]:
                deaths += 1
                mass += share[j]
                e0 += weight
                for a in range(p):
                    e1[a] += weight * x[j, a]
            j += 1
        last = j - 1
        for death in range(deaths):
            gone = death / deaths if efron else 0.0
            total = s0 - gone * e0
            hazard[last] += mass / deaths / total
            own[last] += gone * (mass / deaths) / total
            for a in range(p):
                average = (s1[a] - gone * e1[a]) / total
                shifted[last, a] += mass / deaths * average / total
                own_shifted[last, a] += gone * (mass / deaths) * average / total
                mean[last, a] += average / deaths
        i = j
    total_hazard = 0.0
    total_shifted = np.zeros(p)
    last = n - 1
    while last >= 0:
        if last == n - 1 or stratum[last] != stratum[last + 1]:
            total_hazard = 0.0
            total_shifted[:] = 0.0
        total_hazard += hazard[last]
        for a in range(p):
            total_shifted[a] += shifted[last, a]
        i = last
        while i >= 0 and stratum[i] == stratum[last] and time[i] == time[last]:
            weight = sign[i] * math.exp(eta[i] - top)
            for a in range(p):
                residuals[i, a] = -weight * (x[i, a] * total_hazard - total_shifted[a])
                if event[i]:
                    residuals[i, a] += x[i, a] - mean[last, a]
                    residuals[i, a] += weight * (x[i, a] * own[last] - own_shifted[last, a])
                residuals[i, a] *= share[i]
            i -= 1
        last = i

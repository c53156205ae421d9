"""Weighted log-rank scores of several weight functions at once, with their covariances."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Tables
from jaksim.analysis.survival.days import by_day, lay_out
from jaksim.arrays import Floats
from jaksim.kernel.jit import inlined, inner, kernel

FLEMING_HARRINGTON, GEHAN, TARONE_WARE, PETO_PETO, MODIFIED_PETO_PETO, MODEST_SURVIVAL, MODEST_DAY = range(7)


def weighted_scores(
    tables: Tables, endpoint: CategoryMeanings, weights: list[tuple[float, ...]]
) -> tuple[Floats, Floats, Floats]:
    """Scores (B, m), their slopes in the log hazard ratio (B, m) and covariances (B, m, m) of tables (B, 2, S, K).

    A weight is (family, parameter, parameter): FLEMING_HARRINGTON rho and gamma, S(t-)^rho (1 - S(t-))^gamma with S
    the Kaplan-Meier estimate of both arms of the stratum; GEHAN the number at risk, TARONE_WARE its root; PETO_PETO
    and MODIFIED_PETO_PETO as in SAS PROC LIFETEST; MODEST_SURVIVAL 1 / max(S(t-), parameter); MODEST_DAY 1 / max(S(t-),
    S(parameter)) (Magirr and Burman 2019). A score is the weighted sum of observed minus expected events of the active
    arm over days and strata; the covariances are hypergeometric.
    """
    days, position, status = by_day(endpoint.time, endpoint.status, competing=False)
    m = len(weights)
    score, slope, covariance = (np.empty((len(tables), *shape)) for shape in ((m,), (m,), (m, m)))
    families = np.array([[*weight, 0.0, 0.0][:3] for weight in weights], dtype=np.float64)
    weighted_scores_kernel(tables, position, status, days, families, score, slope, covariance)
    return score, slope, covariance


@kernel
def weighted_scores_kernel(
    tables: Any, position: Any, status: Any, days: Any, families: Any, score: Any, slope: Any, covariance: Any
) -> None:
    counts = np.empty((2, 3, days.shape[0]))
    risk = np.empty((2, days.shape[0] + 1))
    weight = np.empty(families.shape[0])
    for b in range(tables.shape[0]):
        score[b] = 0.0
        slope[b] = 0.0
        covariance[b] = 0.0
        for s in range(tables.shape[2]):
            for arm in range(2):
                lay_out(tables[b, arm, s : s + 1], position, status, counts[arm], risk[arm])
            _add_stratum(counts[:, 1], risk, days, families, weight, score[b], slope[b], covariance[b])


@inner
def _add_stratum(
    events: Any, risk: Any, days: Any, families: Any, weight: Any, score: Any, slope: Any, covariance: Any
) -> None:
    floors = np.empty(families.shape[0])
    for i in range(families.shape[0]):
        floors[i] = _floor(families[i], events, risk, days)
    free = 1.0
    peto = 1.0
    for t in range(days.shape[0]):
        d = events[0, t] + events[1, t]
        n = risk[0, t] + risk[1, t]
        if d > 0.0 and n > 0.0:
            peto *= 1.0 - d / (n + 1.0)
            share = risk[1, t] / n
            ties = (n - d) / (n - 1.0) if d > 1.0 and n > 1.0 else 1.0
            information = d * share * (1.0 - share) * ties
            for i in range(families.shape[0]):
                weight[i] = weight_of_day(families[i], floors[i], free, peto, n)
                score[i] += weight[i] * (events[1, t] - d * share)
                slope[i] += weight[i] * information
                for j in range(i + 1):
                    covariance[i, j] += weight[i] * weight[j] * information
                    covariance[j, i] = covariance[i, j]
            free *= max(0.0, 1.0 - d / n)


@inlined
def power(base: Any, exponent: Any) -> Any:
    """base to an exponent that is most often 0 or 1."""
    if exponent == 0.0:
        return 1.0
    return base if exponent == 1.0 else base**exponent


@inlined
def weight_of_day(family: Any, floor: Any, free: Any, peto: Any, n: Any) -> Any:
    """Weight of a day with `n` at risk; `free` is the Kaplan-Meier estimate before it, `peto` Peto's on it."""
    if family[0] == FLEMING_HARRINGTON:
        return power(free, family[1]) * power(1.0 - free, family[2])
    if family[0] == GEHAN:
        return n
    if family[0] == TARONE_WARE:
        return np.sqrt(n)
    if family[0] == PETO_PETO:
        return peto
    if family[0] == MODIFIED_PETO_PETO:
        return peto * n / (n + 1.0)
    return 1.0 / max(free, floor)


@inner
def _floor(family: Any, events: Any, risk: Any, days: Any) -> Any:
    """The least Kaplan-Meier value that a modest weight goes by."""
    if family[0] != MODEST_DAY:
        return family[1]
    free = 1.0
    for t in range(days.shape[0]):
        if days[t] <= family[1] and risk[0, t] + risk[1, t] > 0.0:
            free *= max(0.0, 1.0 - (events[0, t] + events[1, t]) / (risk[0, t] + risk[1, t]))
    return free


def one_step(scores: tuple[Floats, Floats, Floats], out: Floats) -> None:
    """Fill out (B, 3) from the first weight: log hazard ratio U / (dU/d log ratio), its standard error, z = U/sqrt(V).

    The estimate is that of a hazard ratio that does not change with time.
    """
    score, slope, variance = scores[0][:, 0], scores[1][:, 0], scores[2][:, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(variance > 0.0, np.sqrt(variance), np.nan)
        out[:, 0] = np.where(variance > 0.0, score / slope, np.nan)
        out[:, 1] = root / slope
        out[:, 2] = score / root

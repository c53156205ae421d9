"""Score statistics of a risk difference or risk ratio that is common to all strata (Miettinen and Nurminen 1985).

Counts x and n are (2, S): patients with the event and all patients, reference arm first. Strata without patients in
one of the arms do not count.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.score_statistics import restricted_difference, restricted_risk_ratio
from jaksim.analysis.log_ratio import log_ratio
from jaksim.arrays import Floats, Integers
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

TESTS = ("score", "pooled", "wald")
TEST = Key("test", "text", "z: score (Miettinen-Nurminen), pooled (Farrington-Manning) or wald", "score", TESTS)
WEIGHTS = Key(
    "weights",
    "text",
    "weights of the strata: miettinen_nurminen, or cmh (n_1 n_0 / n)",
    "miettinen_nurminen",
    ("miettinen_nurminen", "cmh"),
)
MOST_STEPS = 200
CLOSE = 1e-12
EDGE = 1e-9


@inner
def stratified_sums(x: Any, n: Any, value: Any, ratio: Any, cmh: Any, inflate: Any, weight: Any, fitted: Any) -> Any:
    """Weighted risks of the active and the reference arm, and the variance of the score at a common `value`.

    The score is the first minus the second minus `value` (a difference), or minus `value` times the second (`ratio`).
    Variances are of the proportions `fitted` (2, S) under the value, times n/(n - 1) with `inflate`. Fills `weight`
    (S,), which sums to 1: n_0 n_1 / n with `cmh`, else Miettinen and Nurminen's from the averages of the fitted risks.
    """
    strata = n.shape[1]
    for s in range(strata):
        weight[s] = 0.0
        if n[0, s] > 0.0 and n[1, s] > 0.0:
            weight[s] = n[0, s] * n[1, s] / (n[0, s] + n[1, s])
            if ratio:
                p_1, p_0 = restricted_risk_ratio(x[1, s], n[1, s], x[0, s], n[0, s], value)
            else:
                p_1, p_0 = restricted_difference(x[1, s], n[1, s], x[0, s], n[0, s], value)
            fitted[0, s], fitted[1, s] = p_0, p_1
    _scale(weight)
    if not cmh:
        _average_risk_weights(n, value, ratio, fitted, weight)
    active = reference = variance = 0.0
    for s in range(strata):
        if weight[s] > 0.0:
            active += weight[s] * x[1, s] / n[1, s]
            reference += weight[s] * x[0, s] / n[0, s]
            factor = value * value if ratio else 1.0
            spread = fitted[1, s] * (1.0 - fitted[1, s]) / n[1, s]
            spread += factor * fitted[0, s] * (1.0 - fitted[0, s]) / n[0, s]
            total = n[0, s] + n[1, s]
            if inflate and total > 1.0:
                spread *= total / (total - 1.0)
            variance += weight[s] * weight[s] * spread
    return active, reference, variance


@inner
def _average_risk_weights(n: Any, value: Any, ratio: Any, fitted: Any, weight: Any) -> None:
    """Weights inverse to the variance at risks averaged over strata with these very weights."""
    for _ in range(MOST_STEPS):
        p_0 = p_1 = 0.0
        for s in range(n.shape[1]):
            if weight[s] > 0.0:
                p_0 += weight[s] * fitted[0, s]
                p_1 += weight[s] * fitted[1, s]
        p_0 = min(max(p_0, EDGE), 1.0 - EDGE)
        p_1 = min(max(p_1, EDGE), 1.0 - EDGE)
        active = (1.0 - p_1) / (1.0 - p_0) if ratio else p_1 * (1.0 - p_1) / (p_0 * (1.0 - p_0))
        reference = value if ratio else 1.0
        before = weight.copy()
        for s in range(n.shape[1]):
            if weight[s] > 0.0:
                weight[s] = 1.0 / (active / n[1, s] + reference / n[0, s])
        _scale(weight)
        if np.abs(weight - before).max() < CLOSE:
            break


@inner
def _scale(weight: Any) -> None:
    total = weight.sum()
    if total > 0.0:
        weight /= total


@kernel
def stratified_z(x: Any, n: Any, value: Any, ratio: Any, cmh: Any, inflate: Any) -> Any:
    """Score statistic of a common difference, or `ratio`, of `value`; NaN without a stratum with both arms."""
    weight = np.empty(n.shape[1])
    fitted = np.zeros(n.shape)
    active, reference, variance = stratified_sums(x, n, value, ratio, cmh, inflate, weight, fitted)
    if weight.sum() <= 0.0:
        return np.nan
    distance = active - value * reference if ratio else active - reference - value
    if variance > 0.0:
        return distance / math.sqrt(variance)
    return 0.0 if distance == 0.0 else math.copysign(math.inf, distance)


@inner
def stratified_estimate(x: Any, n: Any, ratio: Any, cmh: Any) -> Any:
    """The common difference or ratio at which the score is zero, and its standard error (of the log of a ratio).

    The standard error has each arm's own variance; it is NaN where the ratio is zero or infinite. Both are NaN where
    there is no estimate.
    """
    weight = np.empty(n.shape[1])
    fitted = np.zeros(n.shape)
    value = 1.0 if ratio else 0.0
    active = reference = 0.0
    for _ in range(MOST_STEPS):
        active, reference, _ = stratified_sums(x, n, value, ratio, cmh, False, weight, fitted)
        if weight.sum() <= 0.0:
            return np.nan, np.nan
        if ratio and (active <= 0.0 or reference <= 0.0):
            return log_ratio(active, reference), np.nan
        before = value
        value = active / reference if ratio else active - reference
        if abs(value - before) < CLOSE * max(1.0, abs(value)):
            break
    variance = 0.0
    for s in range(n.shape[1]):
        if weight[s] > 0.0:
            p_0, p_1 = x[0, s] / n[0, s], x[1, s] / n[1, s]
            factor = value * value if ratio else 1.0
            spread = p_1 * (1.0 - p_1) / n[1, s] + factor * p_0 * (1.0 - p_0) / n[0, s]
            variance += weight[s] * weight[s] * spread
    error = math.sqrt(variance)
    return (math.log(value), error / active) if ratio else (value, error)


@kernel
def stratified_kernel(tables: Any, events: Any, value: Any, ratio: Any, cmh: Any, test: Any, out: Any) -> None:
    """Fill out (B, 3); `test` is 0 for the score, 1 without its factor n/(n - 1), 2 for Wald; `value` not its log."""
    x = np.empty((2, tables.shape[2]))
    n = np.empty((2, tables.shape[2]))
    for b in range(tables.shape[0]):
        count_strata(tables[b], events, x, n)
        out[b, 0], out[b, 1] = stratified_estimate(x, n, ratio, cmh)
        out[b, 2] = np.nan
        if test < 2:
            out[b, 2] = stratified_z(x, n, value, ratio, cmh, test == 0)
        elif out[b, 1] > 0.0:
            out[b, 2] = (out[b, 0] - (math.log(value) if ratio else value)) / out[b, 1]


@kernel
def count_strata(table: Any, events: Any, x: Any, n: Any) -> None:
    """Fill x and n (2, S) of a table (2, S, K); `events` (K,) is 1 with the event, 0 without, -1 for left out."""
    x[:] = 0.0
    n[:] = 0.0
    for arm in range(2):
        for s in range(table.shape[1]):
            for k in range(events.shape[0]):
                if events[k] >= 0:
                    n[arm, s] += table[arm, s, k]
                if events[k] == 1:
                    x[arm, s] += table[arm, s, k]


def strata_counts(table: Floats, events: Integers) -> tuple[Floats, Floats]:
    """Events and patients (2, S) of a table (2, S, K)."""
    x, n = np.empty((2, table.shape[1])), np.empty((2, table.shape[1]))
    count_strata(table, events, x, n)
    return x, n

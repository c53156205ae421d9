"""Law of the number of events in the active arm given all margins, in one table or summed over strata."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.score_statistics import count_events
from jaksim.analysis.counts import Tables
from jaksim.arrays import Integers
from jaksim.errors import InputError
from jaksim.kernel.jit import inner, kernel

MOST_STEPS = 200
MOST_TABLES = 1_000_000
"""Tables with the margins of one trial that an exact test goes through, in seconds."""
MOST_PRODUCTS = 1e9
"""Products of probabilities in the sum over strata."""


def check_margins(tables: Tables, events: Integers, *, stratified: bool, where: str) -> None:
    """InputError, with the figure, where the margins of one of the trials (B, 2, S, K) allow too many tables."""
    if not len(tables) or tables.sum(axis=(1, 2, 3)).max() < math.sqrt(MOST_PRODUCTS):
        return
    patients, with_event = (tables[..., chosen].sum(axis=-1) for chosen in (events >= 0, events == 1))
    if not stratified:
        patients, with_event = (counts.sum(axis=2, keepdims=True) for counts in (patients, with_event))
    of_event = with_event.sum(axis=1)
    sizes = 1.0 + np.minimum(patients.min(axis=1), np.minimum(of_event, patients.sum(axis=1) - of_event))
    most = float(sizes.sum(axis=1).max())
    products = float((sizes[:, 1:] * sizes.cumsum(axis=1)[:, :-1]).sum(axis=1).max())
    instead = "fewer patients; odds_ratio and odds_ratio_mh have the same test in large trials"
    if most > MOST_TABLES:
        what = f"the margins allow {most:,.0f} tables, the most that an exact test goes through is {MOST_TABLES:,}"
        raise InputError(what, where=where, allowed=instead)
    if products > MOST_PRODUCTS:
        what = f"the margins of the strata allow {products:,.0f} pairs of tables, the most is {MOST_PRODUCTS:,.0f}"
        raise InputError(what, where=where, allowed=instead)


@inner
def log_weights(x_1: Any, n_1: Any, x_0: Any, n_0: Any, out: Any) -> Any:
    """Log hypergeometric weights of the tables with the same margins; returns their number and which was seen.

    They are relative to the table seen, as sums of the logarithms of their ratios: differences of log gamma functions
    of large arms would lose the digits that matter. Counts that are not whole move in whole steps from the table seen,
    as far as no cell is negative.
    """
    m = x_1 + x_0
    below = math.floor(min(x_1, n_0 - x_0) + 1e-9)
    above = math.floor(min(n_1 - x_1, x_0) + 1e-9)
    out[below] = 0.0
    for step in range(above):
        u = x_1 + step
        out[below + step + 1] = out[below + step] + math.log((n_1 - u) * (m - u) / ((u + 1.0) * (n_0 - m + u + 1.0)))
    for step in range(below):
        u = x_1 - step
        out[below - step - 1] = out[below - step] + math.log(u * (n_0 - m + u) / ((n_1 - u + 1.0) * (m - u + 1.0)))
    return below + above + 1, below


@kernel
def conditional_law(table: Any, events: Any, stratified: Any) -> Any:
    """Log weights of the conditional law of a table (2, S, K) at odds ratio 1, which was seen, and patients by arm.

    With `stratified` the margins of every stratum are given and its tables add up (Gart 1970, Biometrika 57:471), else
    the strata are pooled.
    """
    n_strata = table.shape[1] if stratified else 1
    x = np.empty(2)
    n = np.empty(2)
    patients = np.zeros(2)
    most = 1
    for s in range(n_strata):
        count_events(table, events, s if stratified else -1, x, n)
        patients += n
        most += int(min(n[1], x[0] + x[1])) + 2
    laws = np.empty(most)
    ends = np.zeros(n_strata + 1, dtype=np.int64)
    seen = np.empty(n_strata, dtype=np.int64)
    for s in range(n_strata):
        count_events(table, events, s if stratified else -1, x, n)
        size, seen[s] = log_weights(x[1], n[1], x[0], n[0], laws[ends[s] :])
        ends[s + 1] = ends[s] + size
    if n_strata == 1:
        return laws[: ends[1]], seen[0], patients
    theta = _centre(laws, ends, seen)
    law = np.ones(1)
    for s in range(n_strata):
        law = _sum_of(law, _tilted(laws[ends[s] : ends[s + 1]], seen[s], theta))
    # Back to an odds ratio of 1: the sum was taken where what was seen is likely, so that nothing near it is lost.
    at = seen.sum()
    for i in range(law.shape[0]):
        law[i] = (math.log(law[i]) if law[i] > 0.0 else -np.inf) - theta * (i - at)
    return law, at, patients


@inner
def _tilted(weights: Any, seen: Any, theta: Any) -> Any:
    out = np.empty(weights.shape[0])
    highest = -np.inf
    for i in range(weights.shape[0]):
        out[i] = weights[i] + theta * (i - seen)
        highest = max(highest, out[i])
    total = 0.0
    for i in range(weights.shape[0]):
        out[i] = math.exp(out[i] - highest)
        total += out[i]
    return out / total


@inner
def _sum_of(one: Any, other: Any) -> Any:
    out = np.zeros(one.shape[0] + other.shape[0] - 1)
    for i in range(one.shape[0]):
        out[i : i + other.shape[0]] += one[i] * other
    return out


@inner
def _centre(laws: Any, ends: Any, seen: Any) -> Any:
    """Log odds ratio at which the mean is the sum seen, half a patient within the possible ones, by bisection."""
    at = seen.sum()
    target = min(max(at, 0.5), ends[-1] - seen.shape[0] - 0.5)
    low, high = -40.0, 40.0
    for _ in range(MOST_STEPS):
        theta = (low + high) / 2.0
        mean = 0.0
        for s in range(seen.shape[0]):
            law = _tilted(laws[ends[s] : ends[s + 1]], seen[s], theta)
            for i in range(law.shape[0]):
                mean += law[i] * i
        if abs(mean - target) < 0.01 or high - low < 1e-9:
            break
        if mean < target:
            low = theta
        else:
            high = theta
    return theta

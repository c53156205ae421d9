"""Stratified risk difference with Mantel-Haenszel weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.permutation import DISTRIBUTIONS, OPTION, PERMUTATION, fill_normal_values, permutation_moments
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.arrays import Integers
from jaksim.kernel.jit import kernel

ESTIMAND = "common risk difference of the event, active minus reference, Mantel-Haenszel weights"
VARIANCES = ("sato", "greenland_robins")
TESTS = ("wald", "cmh")


def risk_difference_mh(
    table: ArrayLike,
    event: ArrayLike,
    *,
    variance: str = "sato",
    test: str = "wald",
    distribution: str = "normal",
    level: float = 0.95,
) -> AnalysisResult:
    """Mantel-Haenszel risk difference of a table (2, S, K).

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out.
    Strata weigh n_1h n_0h / n_h. `variance` is "sato" (Sato 1989, consistent for few large and many small strata) or
    "greenland_robins" (1985). `test` is "wald", or "cmh" for the signed root of the Cochran-Mantel-Haenszel
    chi-squared without continuity correction; with `distribution` "permutation" it is always the latter, corrected for
    its skewness and kurtosis under randomisation. z is NaN when its variance is zero, all NaN without a stratum of two
    arms.
    """
    tables = one_table(table)
    settings = METHOD.settings({"variance": variance, "test": test, "distribution": distribution})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    out = np.empty((1, 3))
    _fill(tables, events, settings, out)
    n = float(tables[..., events >= 0].sum())
    return summarise("risk_difference_mh", ESTIMAND, out[0], n, level=level, bounds=METHOD.bounds)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    events = event_of(endpoint)
    _fill(block(tables, out, len(events)), events, options, out)


def _fill(tables: Tables, events: Integers, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    sato = options.get("variance", "sato") == "sato"
    risk_difference_mh_kernel(tables, events, sato, options.get("test") == "cmh", out)
    if options.get("distribution") == PERMUTATION:
        fill_normal_values(permutation_moments(tables, np.where(events < 0, np.nan, events)), out)


@kernel
def risk_difference_mh_kernel(tables: Any, events: Any, sato: Any, cmh: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    for b in range(tables.shape[0]):
        weight = difference = p_sum = q_sum = robins = excess = hypergeometric = 0.0
        for s in range(tables.shape[2]):
            x[:] = 0.0
            n[:] = 0.0
            for arm in range(2):
                for k in range(events.shape[0]):
                    if events[k] >= 0:
                        n[arm] += tables[b, arm, s, k]
                    if events[k] == 1:
                        x[arm] += tables[b, arm, s, k]
            if n[0] > 0.0 and n[1] > 0.0:
                total = n[0] + n[1]
                weight += n[0] * n[1] / total
                difference += (x[1] * n[0] - x[0] * n[1]) / total
                p_sum += (n[1] ** 2 * x[0] - n[0] ** 2 * x[1] + n[1] * n[0] * (n[0] - n[1]) / 2.0) / total**2
                q_sum += (x[1] * (n[0] - x[0]) + x[0] * (n[1] - x[1])) / (2.0 * total)
                within_1 = x[1] * (n[1] - x[1]) * n[0] ** 2 / n[1]
                within_0 = x[0] * (n[0] - x[0]) * n[1] ** 2 / n[0]
                robins += (within_1 + within_0) / total**2
                with_event = x[0] + x[1]
                excess += x[1] - with_event * n[1] / total
                spread = n[0] * n[1] * with_event * (total - with_event) / total**2
                hypergeometric += spread / (total - 1.0) if total > 1.0 else 0.0
        out[b, :] = np.nan
        if weight > 0.0:
            estimate = difference / weight
            variance = estimate * p_sum + q_sum if sato else robins
            out[b, 0] = estimate
            out[b, 1] = math.sqrt(max(variance, 0.0)) / weight
            if cmh:
                out[b, 2] = excess / math.sqrt(hypergeometric) if hypergeometric > 0.0 else np.nan
            elif out[b, 1] > 0.0:
                out[b, 2] = estimate / out[b, 1]


METHOD = Method(
    name="risk_difference_mh",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    evaluate=evaluate,
    orientation="event",
    requirement=event_of,
    options={
        "variance": ("sato", "variance of the estimate: sato or greenland_robins"),
        "test": ("wald", "z: wald, or cmh (Cochran-Mantel-Haenszel)"),
        "distribution": OPTION,
    },
    choices={"variance": VARIANCES, "test": TESTS, "distribution": DISTRIBUTIONS},
    null_only={"test": ("cmh",)},
)

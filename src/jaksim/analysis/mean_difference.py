"""Difference of means of a count of days, strata pooled or adjusted for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.permutation import (
    ALIKE,
    BY_SIZE,
    DISTRIBUTIONS,
    OPTION,
    PERMUTATION,
    fill_normal_values,
    permutation_moments,
)
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.kernel.jit import kernel

ESTIMAND = "difference of mean days, active minus reference"
STRATIFICATIONS = ("ancova", "weighted", "pooled")
VARIANCES = ("unequal", "equal")


class _Valued(Protocol):
    @property
    def value(self) -> NDArray[np.float64]: ...


def mean_difference(
    table: ArrayLike,
    value: ArrayLike,
    *,
    strata: str = "ancova",
    variance: str = "unequal",
    distribution: str = "normal",
    level: float = 0.95,
) -> AnalysisResult:
    """Difference of means of a table (2, S, K).

    `value` (K,) is the number that a category counts as, NaN for one left out. `strata`: "ancova", least squares with
    stratum as a factor, so that strata weigh n_1h n_0h / n_h; "weighted", the strata's differences weighted by n_h;
    "pooled", without regard to strata. `variance` is "unequal" between arms and strata (Welch 1947), or "equal", one
    residual variance: that of least squares, for "weighted" of a mean per arm and stratum.
    z is the estimate in standard errors, or with `distribution` "permutation" that of its distribution under
    randomisation, with skewness and kurtosis. A stratum with one arm only, or for "unequal" with a single patient in
    an arm, has no weight.
    """
    tables = one_table(table)
    settings = METHOD.settings({"strata": strata, "variance": variance, "distribution": distribution})
    values = per_category(value, np.float64, tables.shape[-1], "value")
    out = np.empty((1, 3))
    _fill(tables, values, settings, out)
    return summarise("mean_difference", ESTIMAND, out[0], float(tables[..., np.isfinite(values)].sum()), level=level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    values = np.array(cast(_Valued, endpoint).value, dtype=np.float64)
    _fill(block(tables, out, len(values)), values, METHOD.settings(options), out)


def _fill(tables: Tables, values: NDArray[np.float64], settings: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    strata, equal = STRATIFICATIONS.index(settings["strata"]), settings["variance"] == "equal"
    mean_difference_kernel(tables, values, strata, equal, out)
    if settings["distribution"] == PERMUTATION:
        of_stratum = tables.sum(axis=2, keepdims=True) if settings["strata"] == "pooled" else tables
        weighting = BY_SIZE if settings["strata"] == "weighted" else ALIKE
        fill_normal_values(permutation_moments(of_stratum, values, weighting=weighting), out)


@kernel
def mean_difference_kernel(tables: Any, values: Any, strata: Any, equal: Any, out: Any) -> None:
    n = np.empty(2)
    mean = np.empty(2)
    scatter = np.empty(2)
    n_parts = 1 if strata == 2 else tables.shape[2]
    out[:] = np.nan
    for b in range(tables.shape[0]):
        weights = estimate = variance = spread = residual = freedom = squares = 0.0
        for h in range(n_parts):
            n[:] = 0.0
            mean[:] = 0.0
            scatter[:] = 0.0
            for arm in range(2):
                for s in range(tables.shape[2]):
                    if s == h or strata == 2:
                        for k in range(values.shape[0]):
                            count = tables[b, arm, s, k]
                            if count > 0.0 and not np.isnan(values[k]):
                                n[arm] += count
                                step = values[k] - mean[arm]
                                mean[arm] += step * count / n[arm]
                                scatter[arm] += count * step * (values[k] - mean[arm])
            if equal and strata != 1 and n[0] + n[1] > 0.0:
                residual += scatter[0] + scatter[1]
                freedom += n[0] + n[1] - 1.0
            if min(n[0], n[1]) <= 0.0 or (not equal and min(n[0], n[1]) <= 1.0):
                continue
            weight = n[0] + n[1] if strata == 1 else n[0] * n[1] / (n[0] + n[1])
            weights += weight
            difference = mean[1] - mean[0]
            estimate += weight * difference
            squares += weight * difference * difference
            if not equal:
                each = scatter[0] / (n[0] * (n[0] - 1.0)) + scatter[1] / (n[1] * (n[1] - 1.0))
                variance += weight * weight * each
                continue
            spread += weight * weight * (1.0 / n[0] + 1.0 / n[1])
            if strata == 1:
                residual += scatter[0] + scatter[1]
                freedom += n[0] + n[1] - 2.0
        if weights > 0.0:
            out[b, 0] = estimate / weights
            if equal:
                if strata != 1:
                    # Least squares with one common difference: the strata's own scatter around it as well.
                    residual += max(squares - estimate * estimate / weights, 0.0)
                    freedom -= 1.0
                variance = spread * residual / freedom if freedom > 0.0 else np.nan
            out[b, 1] = math.sqrt(variance) / weights
            if out[b, 1] > 0.0:
                out[b, 2] = out[b, 0] / out[b, 1]


METHOD = Method(
    name="mean_difference",
    kinds=("day_count",),
    estimand=ESTIMAND,
    scale="difference",
    evaluate=evaluate,
    orientation="value",
    options={
        "strata": ("ancova", "strata: ancova (least squares, n1 n0 / n), weighted (by size) or pooled"),
        "variance": ("unequal", "variances of arms and strata: unequal (Welch) or equal"),
        "distribution": OPTION,
    },
    choices={"strata": STRATIFICATIONS, "variance": VARIANCES, "distribution": DISTRIBUTIONS},
)

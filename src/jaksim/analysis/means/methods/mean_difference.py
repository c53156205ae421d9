"""Difference of means of a count of days, strata pooled or adjusted for.

`strata`: "ancova", least squares with stratum as a factor, so that strata weigh n_1h n_0h / n_h; "weighted", the
strata's differences weighted by n_h; "pooled", without regard to strata. `variance` is "unequal" between arms and
strata (Welch 1947), or "equal", one residual variance: that of least squares, for "weighted" of a mean per arm and
stratum. The estimate in standard errors has Student's t with the degrees of freedom of Welch and Satterthwaite, or
those of the residual variance; z is the normal value with the same p. With `distribution` "permutation" it is that of
the distribution under randomisation, with skewness and kurtosis. A stratum with one arm only, or for "unequal" with a
single patient in an arm, has no weight.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import SPREAD
from jaksim.analysis.permutation import (
    ALIKE,
    BY_SIZE,
    DISTRIBUTION,
    PERMUTATION,
    fill_normal_values,
    permutation_moments,
)
from jaksim.analysis.regression.of_patients import adjusted_by
from jaksim.analysis.student import normal_value
from jaksim.arrays import Floats
from jaksim.kernel.jit import kernel
from jaksim.key import Key

ESTIMAND = "difference of mean days, active minus reference"
STRATIFICATIONS = ("ancova", "weighted", "pooled")
VARIANCES = ("unequal", "equal")


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a difference of `value`."""
    _fill(tables, np.array(endpoint.value, dtype=np.float64), options, value, out)


def freedom(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
    """Degrees of freedom (B,) of the standard error."""
    return _fill(tables, np.array(endpoint.value, dtype=np.float64), options, 0.0, np.empty((len(tables), 3)))


def _fill(tables: Tables, values: Floats, options: Options, margin: float, out: Floats) -> Floats:
    strata, equal = STRATIFICATIONS.index(options["strata"]), options["variance"] == "equal"
    of_error = np.empty(len(tables))
    mean_difference_kernel(tables, values, strata, equal, margin, out, of_error)
    if options["distribution"] == PERMUTATION:
        of_stratum = tables.sum(axis=2, keepdims=True) if options["strata"] == "pooled" else tables
        weighting = BY_SIZE if options["strata"] == "weighted" else ALIKE
        fill_normal_values(permutation_moments(of_stratum, values, weighting=weighting), out)
    return of_error


@kernel
def mean_difference_kernel(
    tables: Any, values: Any, strata: Any, equal: Any, margin: Any, out: Any, of_error: Any
) -> None:
    """Fill out (B, 3), z for the test of the difference `margin`, and the degrees of freedom of the error (B,)."""
    n = np.empty(2)
    mean = np.empty(2)
    scatter = np.empty(2)
    n_parts = 1 if strata == 2 else tables.shape[2]
    out[:] = np.nan
    of_error[:] = np.nan
    for b in range(tables.shape[0]):
        weights = estimate = variance = spread = residual = freedom = squares = fourth = 0.0
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
                for arm in range(2):
                    of_arm = weight * weight * scatter[arm] / (n[arm] * (n[arm] - 1.0))
                    variance += of_arm
                    fourth += of_arm * of_arm / (n[arm] - 1.0)
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
            if not equal:
                freedom = variance * variance / fourth if fourth > 0.0 else np.nan
            of_error[b] = freedom
            if out[b, 1] > 0.0:
                out[b, 2] = normal_value((out[b, 0] - margin) / out[b, 1], freedom)


METHOD = Method(
    name="mean_difference",
    kinds=("day_count",),
    reads=("value",),
    estimand=ESTIMAND,
    scale="difference",
    orientation="value",
    fill=fill,
    fill_at_margin=fill_at_margin,
    freedom=freedom,
    words="difference of means",
    unit="",
    options=(
        Key(
            "strata",
            "text",
            "strata: ancova (least squares, n1 n0 / n), weighted (by size) or pooled",
            "ancova",
            STRATIFICATIONS,
        ),
        Key("variance", "text", "variances of arms and strata: unequal (Welch) or equal", "unequal", VARIANCES),
        DISTRIBUTION,
    ),
    main=("day_count",),
    nuisance={"day_count": SPREAD},
    adjusted=adjusted_by("mean_difference"),
    mean_model=True,
    about=__doc__,
)

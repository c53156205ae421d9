"""Restricted mean survival times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.result import normal_quantile
from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.restricted_mean import restricted_means
from jaksim.analysis.survival.rmst_covariates import rmst_covariates
from jaksim.methods import rmst_difference, rmst_ratio
from jaksim.verification.data_set import read_data
from jaksim.verification.runners.survival import table_of


def rmst_estimate(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Restricted mean of one arm with both standard errors."""
    mean, error = _one_arm(inputs["time"], inputs["status"], inputs["tau"])
    _, corrected = _one_arm(inputs["time"], inputs["status"], inputs["tau"], variance="unbiased")
    return {"rmst": mean, "se": error, "se_bias_corrected": corrected}


def rmst_estimate_by_stratum(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Restricted mean in every stratum, as they come in the data, and in every arm."""
    data = read_data(inputs["data"])
    groups = list(zip(data["stratum"], data["arm"], strict=True))
    time, status = (np.array(data[name], dtype=np.float64) for name in ("time", "status"))
    found = []
    for group in product(dict.fromkeys(data["stratum"]), sorted(set(data["arm"]))):
        chosen = [one == group for one in groups]
        found.append((sum(chosen), *_one_arm(time[chosen], status[chosen], inputs["tau"])))
    return {name: [result[column] for result in found] for column, name in enumerate(("n", "rmst", "se"))}


def rmst_difference_test(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both arms, difference, ratio and ratio of the time lost; the first number of a pair is the active arm's."""
    data, tau, z = read_data(inputs["data"]), float(inputs["tau"]), normal_quantile(0.95)
    arm, status = (np.array(data[name], dtype=np.int64) for name in ("arm", "status"))
    time = np.array(data["time"], dtype=np.float64) / inputs["days_per_unit"]
    level = math.erf(inputs["quantile"] / math.sqrt(2.0)) if "quantile" in inputs else 0.95
    arms = [_one_arm(time[arm == group], status[arm == group], tau) for group in (1, 0)]
    (mean_1, se_1), (mean_0, se_0) = arms
    table = table_of(arm, time, status)
    difference, ratio = (method(*table, tau=tau, level=level) for method in (rmst_difference, rmst_ratio))
    return {
        "rmst": [mean_1, mean_0],
        "se": [se_1, se_0],
        "ci1": [mean_1 - z * se_1, mean_1 + z * se_1],
        "ci0": [mean_0 - z * se_0, mean_0 + z * se_0],
        "diff": difference.estimate,
        "difference": difference.estimate,
        "diff_ci": difference.ci,
        "ci": difference.ci,
        "ratio": ratio.ratio,
        "ratio_ci": ratio.ratio_ci,
        "rmtl": [tau - mean_1, tau - mean_0],
        "rmtl_ratio": (tau - mean_1) / (tau - mean_0),
        "p": difference.p_value,
    }


def rmst_ancova(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Coefficients with standard errors, the intercept first, and p of the arm."""
    data = read_data(inputs["data"])
    names = ("arm", *inputs["covariates"])
    time, status, *x = (np.array(data[name], dtype=np.float64) for name in ("time", "status", *names))
    fit = rmst_covariates(
        time / inputs["days_per_unit"], status, np.column_stack(x), tau=float(inputs["tau"]), names=names
    )
    found = [fit.coefficients[-1], *fit.coefficients[:-1]]
    return {
        "coef": [result.estimate for result in found],
        "se": [result.se for result in found],
        "p_arm": fit.coefficients[0].p_value,
    }


def _one_arm(time: ArrayLike, status: ArrayLike, tau: float, variance: str = "greenwood") -> tuple[float, float]:
    """Restricted mean and standard error of one arm, which stands for both."""
    times = np.asarray(time, dtype=np.float64)
    both = table_of(np.repeat([0, 1], len(times)), np.tile(times, 2), np.tile(np.asarray(status), 2))
    options = {"tau": float(tau), "strata": "pooled", "variance": variance}
    mean, squared, *_ = restricted_means(*survival_table(*both), options)[0]
    return float(mean), float(np.sqrt(squared))

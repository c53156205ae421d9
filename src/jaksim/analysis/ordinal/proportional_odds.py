"""Proportional odds model of an ordinal status with treatment, adjusted for stratum as a factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.ordinal.proportional_odds_fit import ROBUST, proportional_odds_kernel
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.errors import InputError

TESTS = ("wald", "score", "lrt")
ESTIMAND = "log odds ratio of a better status, active against reference, proportional odds adjusted for stratum"


def proportional_odds(
    table: ArrayLike, rank: ArrayLike, *, test: str = "wald", variance: str = "model", level: float = 0.95
) -> AnalysisResult:
    """Maximum likelihood fit of logit P(rank <= j) = intercept_j + log odds ratio * active + stratum, with its test.

    `table` is (2, S, K); `rank` (K,) is 0 for the best status, -1 for a category left out; equal ranks are one
    category. A positive estimate favours the active arm. The standard error is from the observed information
    (McCullagh 1980). Categories and strata without patients are dropped, as are strata whose patients all have the
    best or all the worst status: their likelihood says nothing on the odds ratio. Under separation the estimate is
    infinite. `test` gives z: "wald", which separation leaves without one, "score" (observed information at the fit
    without treatment) or "lrt", the signed root of the likelihood ratio; the interval is Wald's. `variance` "robust" is
    the sandwich (Huber 1967; White 1982), which holds when odds are not proportional; its test is Wald's.
    """
    tables = one_table(table)
    groups, n_groups = rank_groups(per_category(rank, np.int64, tables.shape[-1], "rank"))
    code = fit_code(METHOD.settings({"test": test, "variance": variance}))
    out = np.empty((1, 3))
    proportional_odds_kernel(tables, groups, n_groups, code, 0.0, out)
    n = float(tables[..., groups >= 0].sum())
    return summarise("proportional_odds", ESTIMAND, out[0], n, level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    evaluate_against(tables, endpoint, options, 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a log odds ratio of `value`."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    proportional_odds_kernel(block(tables, out, len(groups)), groups, n_groups, fit_code(options), value, out)


def fit_code(options: Mapping[str, Any]) -> int:
    """The kernel's number of the test and variance; InputError for a robust variance with another test than Wald's."""
    test = options.get("test", "wald")
    if options.get("variance") != "robust":
        return TESTS.index(test)
    if test != "wald":
        raise InputError(
            "a robust variance has the Wald test alone", where="method proportional_odds, option test", got=test
        )
    return ROBUST


METHOD = Method(
    name="proportional_odds",
    kinds=("ordinal", "day_count", "binary"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="benefit",
    ratio_name="odds_ratio",
    evaluate_against=evaluate_against,
    options={
        "test": ("wald", "z: wald, score, or lrt (signed root of the likelihood ratio)"),
        "variance": ("model", "variance: model, or robust to odds that are not proportional"),
    },
    choices={"test": TESTS, "variance": ("model", "robust")},
)

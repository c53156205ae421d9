"""Bayesian proportional odds model with a normal prior on the log odds ratio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.ordinal.integrated_likelihood import NODES, POINTS, WEIGHTS, posterior_kernel
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.errors import InputError

ESTIMAND = "log odds ratio of a better status, active against reference: posterior mean and standard deviation"


def bayesian_proportional_odds(
    table: ArrayLike, rank: ArrayLike, *, prior_mean: float = 0.0, prior_sd: float = 1.0, level: float = 0.95
) -> AnalysisResult:
    """Posterior of the log odds ratio of a table (2, S, K), adjusted for stratum as a factor.

    `rank` (K,) is 0 for the best status, -1 for a category left out. The log odds ratio has a normal prior, strata have
    flat ones, and the probabilities of the categories of the mean patient a Dirichlet prior that weighs as much as one
    patient however many categories there are. Estimate and standard error are posterior mean and standard deviation,
    the statistic is the normal quantile of the posterior probability of benefit: that probability is 1 - p_value / 2
    for a positive one. Integrals are deterministic: Laplace's method for thresholds and strata, with an error of the
    order of one over the number of patients, and quadrature for the log odds ratio.
    """
    tables = one_table(table)
    settings = METHOD.settings({"prior_mean": prior_mean, "prior_sd": prior_sd})
    groups, n_groups = rank_groups(per_category(rank, np.int64, tables.shape[-1], "rank"))
    out = np.empty((1, 3))
    _fill(tables, groups, n_groups, settings, 0.0, out)
    n = float(tables[..., groups >= 0].sum())
    return summarise("bayesian_proportional_odds", ESTIMAND, out[0], n, level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    evaluate_against(tables, endpoint, options, 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z from the probability of a log odds ratio above `value`."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    _fill(block(tables, out, len(groups)), groups, n_groups, METHOD.settings(options), value, out)


def _fill(
    tables: Tables,
    groups: NDArray[np.int64],
    n_groups: int,
    settings: Mapping[str, Any],
    value: float,
    out: NDArray[np.float64],
) -> None:
    mean, sd = (_number(settings, name) for name in ("prior_mean", "prior_sd"))
    if not 1e-6 <= sd <= 1e6:
        raise InputError(
            "the prior is too narrow or too wide",
            where="bayesian_proportional_odds, prior_sd",
            allowed="a standard deviation from 0.000001 to 1000000",
            got=sd,
        )
    posterior_kernel(tables, groups, n_groups, mean, sd, value, NODES, POINTS, WEIGHTS, out)


def _number(settings: Mapping[str, Any], name: str) -> float:
    given = settings[name]
    if isinstance(given, bool) or not isinstance(given, int | float) or not np.isfinite(given):
        where = f"bayesian_proportional_odds, {name}"
        raise InputError("the prior needs a number", where=where, allowed="a number", got=given)
    return float(given)


METHOD = Method(
    name="bayesian_proportional_odds",
    kinds=("ordinal", "day_count", "binary"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="benefit",
    ratio_name="odds_ratio",
    evaluate_against=evaluate_against,
    options={
        "prior_mean": (0.0, "mean of the normal prior of the log odds ratio"),
        "prior_sd": (1.0, "standard deviation of the normal prior of the log odds ratio"),
        "threshold": (None, "posterior probability of benefit that decides; in place of a one-sided level"),
    },
)

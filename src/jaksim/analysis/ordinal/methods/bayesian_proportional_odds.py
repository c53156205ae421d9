"""Bayesian proportional odds model with a normal prior on the log odds ratio.

Posterior of the log odds ratio, adjusted for stratum as a factor. The log odds ratio has a normal prior, strata have
flat ones, and the probabilities of the categories of the mean patient a Dirichlet prior that weighs as much as one
patient however many categories there are. Estimate and standard error are posterior mean and standard deviation, the
statistic is the normal quantile of the posterior probability of benefit: that probability is 1 - p_value / 2 for a
positive one. Integrals are deterministic: Laplace's method for thresholds and strata, with an error of the order of
one over the number of patients, and quadrature for the log odds ratio.
"""

from __future__ import annotations

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import RATE_OF_ODDS
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.ordinal.integrated_likelihood import NODES, POINTS, WEIGHTS, posterior_kernel
from jaksim.arrays import Floats
from jaksim.key import Key

ESTIMAND = "log odds ratio of a better status, active against reference: posterior mean and standard deviation"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z from the probability of a log odds ratio above `value`."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    mean, sd = float(options["prior_mean"]), float(options["prior_sd"])
    posterior_kernel(tables, groups, n_groups, mean, sd, value, NODES, POINTS, WEIGHTS, out)


METHOD = Method(
    name="bayesian_proportional_odds",
    kinds=("ordinal", "day_count", "binary"),
    reads=("rank",),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="benefit",
    fill=fill,
    fill_at_margin=fill_at_margin,
    words="Bayesian proportional odds",
    ratio_name="odds_ratio",
    options=(
        Key("prior_mean", "number", "mean of the normal prior of the log odds ratio", 0.0),
        Key(
            "prior_sd",
            "number",
            "standard deviation of the normal prior of the log odds ratio",
            1.0,
            low=1e-6,
            high=1e6,
        ),
        Key("threshold", "number", "posterior probability of benefit that decides; in place of a one-sided level"),
    ),
    nuisance={"binary": RATE_OF_ODDS},
    own_prior=True,
    factor_seconds=1e-9,
    about=__doc__,
)

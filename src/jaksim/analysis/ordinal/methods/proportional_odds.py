"""Proportional odds model of an ordinal status with treatment, adjusted for stratum as a factor.

Maximum likelihood fit of logit P(rank <= j) = intercept_j + log odds ratio * active + stratum, with its test. Equal
ranks are one category. A positive estimate favours the active arm. The standard error is from the observed information
(McCullagh 1980). Categories and strata without patients are dropped, as are strata whose patients all have the best or
all the worst status: their likelihood says nothing on the odds ratio. Under separation the estimate is infinite.
`test` gives z: "wald", which separation leaves without one, "score" (observed information at the fit without
treatment) or "lrt", the signed root of the likelihood ratio; the interval is Wald's. `variance` "robust" is the
sandwich (Huber 1967; White 1982), which holds when odds are not proportional; its test is Wald's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import ODDS_OF_RANKS, RATE_OF_ODDS
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.ordinal.proportional_odds_fit import (
    WALD,
    proportional_odds_kernel,
    robust_proportional_odds_kernel,
)
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.key import Key

if TYPE_CHECKING:
    from jaksim.analysis.newton import Fit
    from jaksim.analysis.patients import Patients


TESTS = ("wald", "score", "lrt")
ESTIMAND = "log odds ratio of a better status, active against reference, proportional odds adjusted for stratum"


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a log odds ratio of `value`."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    fit = robust_proportional_odds_kernel if options["variance"] == "robust" else proportional_odds_kernel
    fit(tables, groups, n_groups, fit_code(options), value, out)


def fit_code(options: Options) -> int:
    """The kernel's number of the test; InputError for a robust variance with another test than Wald's."""
    test = options["test"]
    if options["variance"] != "robust":
        return TESTS.index(test)
    if test != "wald":
        raise InputError(
            "a robust variance has the Wald test alone", where="method proportional_odds, option test", got=test
        )
    return WALD


def adjusted(patients: Patients, options: Options, level: float, *, robust: bool) -> Fit:
    """The proportional odds model with covariates."""
    from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates

    fit_code(options)
    x, names = patients.design()
    rank = patients.endpoint.rank[patients.category]
    known = rank >= 0
    return proportional_odds_covariates(
        rank[known],
        x[known],
        names=names,
        stratum=patients.stratum[known],
        robust=robust,
        cluster=None if patients.cluster is None else patients.cluster[known],
        level=level,
    )


METHOD = Method(
    name="proportional_odds",
    kinds=("ordinal", "day_count", "binary"),
    reads=("rank",),
    estimand=ESTIMAND,
    of_one_stratum="log odds ratio of a better status, active against reference, proportional odds",
    scale="log_ratio",
    orientation="benefit",
    fill=fill,
    fill_at_margin=fill_at_margin,
    ratio_name="odds_ratio",
    options=(
        Key("test", "text", "z: wald, score, or lrt (signed root of the likelihood ratio)", "wald", TESTS),
        Key(
            "variance",
            "text",
            "variance: model, or robust to odds that are not proportional",
            "model",
            ("model", "robust"),
        ),
    ),
    main=("ordinal", "day_count"),
    adjusted=adjusted,
    robust=True,
    nuisance={"ordinal": ODDS_OF_RANKS, "day_count": ODDS_OF_RANKS, "binary": RATE_OF_ODDS},
    factor_seconds=1e-9,
    about=__doc__,
)

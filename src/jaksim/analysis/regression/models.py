"""The regressions behind methods with covariates, by name of the method."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings, Options
from jaksim.analysis.ordering import event_of, rank_groups
from jaksim.analysis.regression.cox import BRESLOW, cox_kernel
from jaksim.analysis.regression.linear import linear_kernel
from jaksim.analysis.regression.logistic import MODEL, ROBUST, SCORE, logistic_kernel
from jaksim.analysis.regression.proportional_odds import proportional_odds_kernel
from jaksim.analysis.regression.regression import Regression
from jaksim.analysis.regression.standardised import DIFFERENCE, RATIO, standardised_kernel

VARIANCES: Final = ("model", "robust")


def _robust(options: Options, robust: bool) -> int:
    return ROBUST if robust or options.get("variance") == "robust" else MODEL


def _logistic(options: Options, robust: bool) -> int:
    return SCORE if options.get("test") == "score" else _robust(options, robust)


def _cox(options: Options, robust: bool) -> int:
    return _robust(options, robust) + (BRESLOW if options.get("ties") == "breslow" else 0)


def _ranks(endpoint: CategoryMeanings) -> NDArray[Any]:
    return rank_groups(np.asarray(endpoint.rank))[0]


def _times(endpoint: CategoryMeanings) -> NDArray[np.int64]:
    """Twice the number of the time, 0 the latest, and 1 for an event; -1 for what is unknown."""
    time, status = np.asarray(endpoint.time, dtype=np.float64), np.asarray(endpoint.status)
    known = np.isfinite(time) & (status >= 0)
    found = np.full(len(time), -1, dtype=np.int64)
    found[known] = 2 * np.unique(-time[known], return_inverse=True)[1] + (status[known] == 1)
    return found


def _values(endpoint: CategoryMeanings) -> NDArray[np.float64]:
    return np.asarray(endpoint.value, dtype=np.float64)


LOGISTIC: Final = Regression(logistic_kernel, event_of, "a logistic regression", _logistic, {"test": ("wald", "score")})
LINEAR: Final = Regression(linear_kernel, _values, "an analysis of covariance", _robust, marginal=True, residual=True)
RISK_DIFFERENCE: Final = Regression(
    standardised_kernel,
    event_of,
    "a difference of risks standardised by a logistic model",
    lambda options, robust: DIFFERENCE,
    marginal=True,
    standardises="difference",
)
RISK_RATIO: Final = Regression(
    standardised_kernel,
    event_of,
    "a ratio of risks standardised by a logistic model",
    lambda options, robust: RATIO,
    marginal=True,
    standardises="ratio",
)
PROPORTIONAL_ODDS: Final = Regression(
    proportional_odds_kernel,
    _ranks,
    "a proportional odds regression",
    _robust,
    {"test": ("wald",), "variance": VARIANCES},
    intercept=False,
)
COX: Final = Regression(
    cox_kernel,
    _times,
    "a Cox regression",
    _cox,
    {"ties": ("efron", "breslow"), "variance": VARIANCES},
    intercept=False,
    stratifies=True,
)
MODELS: Final = {
    "odds_ratio": LOGISTIC,
    "mean_difference": LINEAR,
    "risk_difference": RISK_DIFFERENCE,
    "risk_ratio": RISK_RATIO,
    "proportional_odds": PROPORTIONAL_ODDS,
    "cox": COX,
}
"""What each method is with covariates in a planned trial."""

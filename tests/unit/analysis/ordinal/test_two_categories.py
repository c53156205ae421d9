"""Proportional odds with covariates on two categories is logistic regression."""

import numpy as np
import pytest

from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates
from jaksim.analysis.regression.models import LOGISTIC
from jaksim.analysis.regression.rows import Rows


class Binary:
    name, kind = "death", "binary"
    status = np.array([0, 1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_categories_are_a_logistic_regression(seed):
    rng = np.random.default_rng(seed)
    n = 150
    arm, age, stratum = rng.integers(0, 2, n), rng.standard_normal(n), rng.integers(0, 3, n)
    event = (rng.random(n) < 1.0 / (1.0 + np.exp(0.5 - age + 0.4 * arm))).astype(np.int64)
    x = np.column_stack([arm, age]).astype(float)
    for robust in (False, True):
        # Rank 0, the best, is the event here, so that both models are of its probability.
        fit = proportional_odds_covariates(1 - event, x, stratum=stratum, robust=robust)
        rows = Rows(np.array([0, n]), arm.astype(float), stratum, event, age[:, None], np.ones(n))
        found, *_ = LOGISTIC.fit(rows, Binary(), int(robust), 0.0, strata=True)
        active = fit.coefficients[0]
        assert found[0] == pytest.approx([active.estimate, active.se, active.statistic], rel=1e-8)

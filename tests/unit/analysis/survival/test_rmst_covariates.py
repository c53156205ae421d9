import math

import numpy as np
import pytest
import statsmodels.api as sm

from jaksim.analysis.survival.rmst_covariates import rmst_covariates
from jaksim.errors import InputError


@pytest.fixture
def trial():
    rng = np.random.default_rng(5)
    arm, age = rng.integers(0, 2, 200), rng.normal(60.0, 10.0, 200)
    time = rng.exponential(10.0 * np.exp(0.3 * arm - 0.02 * (age - 60.0)))
    return arm, age, time


def test_without_censoring_it_is_least_squares_with_a_robust_covariance(trial):
    arm, age, time = trial
    x = np.column_stack([arm, age])
    fit = rmst_covariates(time, np.ones(200), x, tau=12.0)
    expected = sm.OLS(np.minimum(time, 12.0), np.column_stack([x, np.ones(200)])).fit(cov_type="HC0")
    assert [one.estimate for one in fit.coefficients] == pytest.approx(expected.params, rel=1e-9)
    assert [one.se for one in fit.coefficients] == pytest.approx(expected.bse, rel=1e-9)
    assert (fit.n, fit.n_events) == (200, int((time <= 12.0).sum()))
    assert math.isnan(fit.coefficients[0].ratio)


def test_the_arm_alone_nearly_gives_the_difference_of_kaplan_meier_areas(trial):
    """Both estimators are consistent; with 200 patients they differ by a small part of the standard error."""
    from jaksim.methods import rmst_difference

    arm, _, time = trial
    censoring = np.random.default_rng(6).uniform(5.0, 40.0, 200)
    seen, status = np.minimum(time, censoring), (time <= censoring).astype(int)
    order = np.argsort(seen)
    table = np.zeros((2, 200))
    table[arm[order], np.arange(200)] = 1.0
    area = rmst_difference(table, seen[order], status[order], tau=12.0)
    one = rmst_covariates(seen, status, arm, tau=12.0).coefficients[0]
    assert abs(one.estimate - area.estimate) < 0.1 * area.se
    assert one.se == pytest.approx(area.se, rel=0.05)


def test_what_cannot_be_fitted_is_refused(trial):
    arm, age, time = trial
    x = np.column_stack([arm, age])
    with pytest.raises(InputError, match="followed so long"):
        rmst_covariates(time, np.ones(200), x, tau=1e4)
    with pytest.raises(InputError, match="two arms"):
        rmst_covariates(time, np.ones(200), x[:, ::-1])
    with pytest.raises(InputError, match="linear combination"):
        rmst_covariates(time, np.ones(200), np.column_stack([x, 2.0 * age]))

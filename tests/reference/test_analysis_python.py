"""Analyses of counts against lifelines and statsmodels on random trials."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep, score_test_proportions_2indep
from statsmodels.stats.proportion import test_proportions_2indep as two_proportions

from jaksim.analysis.binary.risk_intervals import miettinen_nurminen_z
from jaksim.analysis.binary.score_statistics import restricted_difference
from jaksim.methods import cox, log_rank, proportional_odds, risk_difference, risk_difference_mh


def survival_trial(seed, n_strata, per_cell, horizon=28):
    """Counts (2, S, K) of events on days 1 .. horizon and of censorings on the same days."""
    rng = np.random.default_rng(seed)
    table = np.zeros((2, n_strata, 2 * horizon))
    for arm in range(2):
        for stratum in range(n_strata):
            hazard = 0.03 * (1 + stratum) * 1.4**arm
            law = np.append(
                hazard * (1 - hazard - 0.02) ** np.arange(horizon), 0.02 * (1 - hazard - 0.02) ** np.arange(horizon)
            )
            law[-1] += 1 - law.sum()
            table[arm, stratum] = rng.multinomial(per_cell, law)
    return table, np.tile(np.arange(1.0, horizon + 1), 2), np.repeat([1, 0], horizon)


def patients(table):
    """One row per patient: arm, stratum, category."""
    arm, stratum, category = (np.repeat(index, table[table > 0].astype(int)) for index in np.nonzero(table))
    return arm, stratum, category


@pytest.mark.parametrize(("seed", "n_strata", "per_cell"), [(1, 1, 40), (2, 4, 100), (3, 3, 300)])
def test_cox_against_lifelines(seed, n_strata, per_cell):
    table, time, status = survival_trial(seed, n_strata, per_cell)
    arm, stratum, category = patients(table)
    data = pd.DataFrame({"time": time[category], "status": status[category], "arm": arm, "stratum": stratum})
    fit = CoxPHFitter().fit(data, "time", "status", strata=["stratum"], fit_options={"precision": 1e-10})
    result = cox(table, time, status)
    assert result.estimate == pytest.approx(fit.params_["arm"], abs=1e-6)
    assert result.se == pytest.approx(fit.standard_errors_["arm"], rel=1e-6)
    assert result.ratio_ci == pytest.approx(np.exp(fit.confidence_intervals_.loc["arm"]), rel=1e-6)


@pytest.mark.parametrize(("seed", "per_cell"), [(4, 20), (5, 500)])
def test_log_rank_against_lifelines(seed, per_cell):
    table, time, status = survival_trial(seed, 1, per_cell)
    arm, _, category = patients(table)
    days, events = time[category], status[category]
    test = logrank_test(days[arm == 1], days[arm == 0], events[arm == 1], events[arm == 0])
    result = log_rank(table, time, status)
    assert result.statistic**2 == pytest.approx(test.test_statistic, rel=1e-9)
    assert result.p_value == pytest.approx(test.p_value, rel=1e-7)


@pytest.mark.parametrize(("seed", "n_strata", "n_ranks", "per_cell"), [(1, 1, 4, 50), (2, 4, 8, 120), (3, 2, 5, 40)])
def test_proportional_odds_against_statsmodels(seed, n_strata, n_ranks, per_cell):
    rng = np.random.default_rng(seed)
    table = rng.multinomial(per_cell, rng.dirichlet(np.full(n_ranks, 4.0), size=(2, n_strata))).astype(float)
    arm, stratum, rank = patients(table)
    covariates = np.column_stack([arm, *(stratum == s for s in range(1, n_strata))]).astype(float)
    fit = OrderedModel(rank, covariates, distr="logit").fit(method="bfgs", gtol=1e-9, maxiter=1000, disp=0)
    result = proportional_odds(table, np.arange(n_ranks))
    assert result.estimate == pytest.approx(-fit.params[0], abs=1e-6)
    assert result.se == pytest.approx(fit.bse[0], rel=5e-6)  # its Hessian is a finite difference


COUNTS = [(56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 0, 29), (0, 10, 0, 20), (300, 1000, 250, 900), (1, 400, 7, 410)]


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize(("interval", "theirs"), [("newcombe", "newcomb"), ("wald", "wald")])
def test_risk_difference_intervals_against_statsmodels(counts, interval, theirs):
    x_1, n_1, x_0, n_0 = counts
    result = risk_difference([[x_0, n_0 - x_0], [x_1, n_1 - x_1]], [1, 0], interval=interval)
    expected = confint_proportions_2indep(*counts, method=theirs, compare="diff", correction=True)
    assert result.ci == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("counts", [counts for counts in COUNTS if counts[0] > 0])
def test_score_statistic_against_statsmodels(counts):
    """At a difference of zero only: elsewhere its restricted proportions are wrong (statsmodels issue 10269)."""
    expected, _ = score_test_proportions_2indep(*counts, value=0.0, compare="diff", return_results=False)
    assert miettinen_nurminen_z(*counts, 0.0) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("difference", [-0.6, -0.3, -0.01, 0.004, 0.2, 0.7])
def test_restricted_proportions_maximise_the_likelihood(counts, difference):
    x_1, n_1, x_0, n_0 = counts

    def loss(p_0):
        p_1 = p_0 + difference
        return -sum(xlogy([x_1, n_1 - x_1, x_0, n_0 - x_0], [p_1, 1 - p_1, p_0, 1 - p_0]))

    bounds = (max(0.0, -difference), min(1.0, 1.0 - difference))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-13})
    p_1, p_0 = restricted_difference.py_func(*counts, difference)
    assert p_1 - p_0 == pytest.approx(difference, abs=1e-12)
    assert p_0 == pytest.approx(best.x, abs=2e-6)
    assert loss(p_0) <= best.fun + 1e-9


def test_unpooled_test_against_statsmodels():
    expected = two_proportions(56, 70, 48, 80, method="wald", compare="diff").statistic
    result = risk_difference([[48, 32], [56, 14]], [1, 0], test="unpooled")
    assert result.statistic == pytest.approx(expected, rel=1e-10)


def test_cochran_mantel_haenszel_against_statsmodels():
    table = np.random.default_rng(7).integers(1, 30, size=(2, 5, 2)).astype(float)
    strata = [[table[1, s], table[0, s]] for s in range(5)]
    expected = StratifiedTable([np.array(t) for t in strata]).test_null_odds(correction=False).statistic
    assert risk_difference_mh(table, [1, 0], test="cmh").statistic ** 2 == pytest.approx(expected, rel=1e-10)

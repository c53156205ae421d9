import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from statsmodels.stats.power import NormalIndPower

from jaksim.errors import InputError
from jaksim.formulas.binary_size import (
    exact_power,
    exact_probability,
    fisher_passes,
    score_statistic,
    score_test_size,
    two_proportions_power,
)
from jaksim.formulas.restricted_risks import log_odds_ratio_z


@pytest.mark.parametrize(
    ("scale", "null"), [("risk_difference", 0.05), ("risk_ratio", 1.1), ("odds_ratio", 1.2), ("odds_ratio", 1.0)]
)
def test_sizes_reach_their_power_exactly_computed(scale, null):
    n_1, n_0 = score_test_size(0.45, 0.25, scale=scale, null=null, power=0.8, alpha=0.025, allocation=1.5)
    assert n_0 == pytest.approx(1.5 * n_1)
    power = exact_power(0.45, 0.25, round(n_1), round(n_0), score_statistic(scale, null), alpha=0.025)
    assert power == pytest.approx(0.8, abs=0.02)


def restricted(null_of, x_1, n_1, x_0, n_0):
    """Proportions of largest likelihood when that of the active arm follows from the other one."""

    def loss(p_0):
        p_1 = null_of(p_0)
        return -(x_1 * np.log(p_1) + (n_1 - x_1) * np.log(1 - p_1) + x_0 * np.log(p_0) + (n_0 - x_0) * np.log(1 - p_0))

    p_0 = minimize_scalar(loss, bounds=(1e-6, 0.7), method="bounded", options={"xatol": 1e-13}).x
    return null_of(p_0), p_0


def test_statistics_have_the_variance_of_the_restricted_maximum():
    p_1, p_0 = restricted(lambda p: p + 0.1, 30, 70, 20, 90)
    expected = (30 / 70 - 20 / 90 - 0.1) / np.sqrt(p_1 * (1 - p_1) / 70 + p_0 * (1 - p_0) / 90)
    assert score_statistic("risk_difference", 0.1)(30, 70, 20, 90) == pytest.approx(expected, abs=1e-6)
    p_1, p_0 = restricted(lambda p: 1.3 * p, 30, 70, 20, 90)
    expected = (30 / 70 - 1.3 * 20 / 90) / np.sqrt(p_1 * (1 - p_1) / 70 + 1.69 * p_0 * (1 - p_0) / 90)
    assert score_statistic("risk_ratio", 1.3)(30, 70, 20, 90) == pytest.approx(expected, abs=1e-6)
    inflated = score_statistic("risk_ratio", 1.3, inflate=True)(30, 70, 20, 90)
    assert inflated == pytest.approx(expected * np.sqrt(159 / 160), abs=1e-6)


def test_log_odds_ratio_statistic_without_null_effect_is_the_pooled_one():
    pooled = 50 / 160
    variance = (1 / 70 + 1 / 90) / (pooled * (1 - pooled))
    expected = np.log(30 * 70 / (20 * 40)) / np.sqrt(variance)
    assert log_odds_ratio_z(30, 70, 20, 90, 1.0) == pytest.approx(expected, abs=1e-12)
    assert np.isnan(log_odds_ratio_z(0, 70, 20, 90, 1.0))


def test_exact_power_is_the_level_without_effect():
    power = exact_power(0.3, 0.3, 150, 150, score_statistic("risk_difference", 0.0), alpha=0.025)
    assert power == pytest.approx(0.025, abs=0.004)


def test_power_of_a_small_effect_is_near_that_of_the_unpooled_formula():
    expected = NormalIndPower().power((0.32 - 0.3) / np.sqrt(0.31 * 0.69), 2000, 0.05, ratio=1.0)
    assert two_proportions_power(0.32, 0.3, 2000, 2000, alpha=0.05) == pytest.approx(expected, abs=1e-3)


def test_impossible_questions_are_refused():
    with pytest.raises(InputError, match="did you mean 'odds_ratio'"):
        score_test_size(0.3, 0.2, scale="odds_ratios", null=1.0, power=0.8, alpha=0.05)
    with pytest.raises(InputError, match="equal to the null"):
        score_test_size(0.3, 0.3, scale="risk_difference", null=0.0, power=0.8, alpha=0.05)


def test_power_of_fishers_test_is_that_of_r():
    """R 4.2: sum(outer(dbinom(x, 20, .1), dbinom(x, 20, .5))[p <= .025]), p by fisher.test(alternative = "less")."""

    def passes(x_1, x_0, more=False):
        return fisher_passes(x_1, 20, x_0, 20, alpha=0.025, more=more)

    assert exact_probability(0.1, 0.5, 20, 20, passes) == pytest.approx(0.7423887, abs=5e-8)
    mirrored = exact_probability(0.9, 0.5, 20, 20, lambda x_1, x_0: passes(x_1, x_0, more=True))
    assert mirrored == pytest.approx(0.7423887, abs=5e-8)

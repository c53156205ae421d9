"""The chance of rejecting later, against closed forms and simulated scores."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from jaksim.design.conduct.charter.to_come import ExpectedScore, to_come, under_posterior
from jaksim.design.conduct.course import Course
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan

TWO = boundaries_of(MonitoringPlan(information=(0.5, 1.0)))
FOUR = boundaries_of(MonitoringPlan(information=(0.25, 0.5, 0.75, 1.0)))


def test_with_one_analysis_left_all_is_in_closed_form():
    """Proschan, Lan and Wittes (2006), chapter 3: conditional power by B values."""
    z, t = 1.4, 0.5
    found = to_come(TWO, 1, z, ExpectedScore(2.2, TWO.information))
    value, left = z * math.sqrt(t), math.sqrt(1.0 - t)
    bound = float(TWO.upper_z[1])

    def power(drift):
        return norm.sf((bound - value - drift * (1.0 - t)) / left)

    assert found.expected == pytest.approx(power(2.2), abs=1e-9)
    assert found.planned == pytest.approx(power(TWO.drift), abs=1e-9)
    assert found.trend == pytest.approx(power(z / math.sqrt(t)), abs=1e-9)
    # With a flat prior the future score has variance (1 - t) / t (Spiegelhalter, Freedman and Blackburn 1986).
    predictive = norm.sf((bound - value / t) / math.sqrt((1.0 - t) / t))
    assert found.predictive == pytest.approx(predictive, abs=1e-6)


def test_simulated_scores_cross_as_often():
    look, z, drift, n = 2, 0.9, 2.8, 200_000
    now = FOUR.information[look - 1]
    steps = np.diff(FOUR.information[look - 1 :])
    gained = np.random.default_rng(5).normal(drift * steps, np.sqrt(steps), size=(n, 2)).cumsum(axis=1)
    later = (z * math.sqrt(now) + gained) / np.sqrt(FOUR.information[look:])
    share = (later > FOUR.upper_z[look:]).any(axis=1).mean()
    found = to_come(FOUR, look, z, ExpectedScore(drift, FOUR.information))
    assert abs(share - found.expected) < 4.0 * math.sqrt(found.expected * (1.0 - found.expected) / n)


def test_a_course_in_proportion_is_a_drift():
    times = FOUR.information
    course = Course(2.5 * np.sqrt(times), times * 40.0, np.ones(4))
    line, drift = ExpectedScore(course, times), ExpectedScore(2.5, times)
    for now in (0.1, 0.25, 0.6, 1.0, 1.2):
        assert line.at(now) == pytest.approx(drift.at(now))
    assert vars_of(to_come(FOUR, 1, 0.3, line)) == pytest.approx(vars_of(to_come(FOUR, 1, 0.3, drift)))


def test_effects_that_come_late_leave_more_to_come():
    times = TWO.information
    late = ExpectedScore(Course(np.array([0.5, 2.5]), times, np.ones(2)), times)
    assert late.drift_between(0.5, 1.0) == pytest.approx((2.5 - 0.5 * math.sqrt(0.5)) / 0.5)
    assert to_come(TWO, 1, 0.5, late).expected > to_come(TWO, 1, 0.5, ExpectedScore(2.5, times)).expected


@pytest.mark.parametrize("look", [4])
def test_nothing_is_to_come_after_the_last_analysis(look):
    assert all(map(math.isnan, vars_of(to_come(FOUR, look, 1.0, ExpectedScore(2.0, FOUR.information)))))


def test_several_tests_have_no_joint_law():
    several = boundaries_of(MonitoringPlan(information=(0.5, 0.75, 1.0), tests=(0, 0, 1)))
    assert all(map(math.isnan, vars_of(to_come(several, 1, 1.0, ExpectedScore(2.0, several.information)))))


def test_a_normal_prior_in_draws_gives_its_predictive_power():
    """Draws from a normal prior, weighed by the likelihood of z, against its closed form."""
    t, z, mean, sd = 0.5, 1.1, 1.5, 1.2
    drifts = mean + sd * norm.ppf((np.arange(4000) + 0.5) / 4000)
    found = under_posterior(TWO, 1, z, [ExpectedScore(one, TWO.information) for one in drifts.tolist()])
    precision = t + sd**-2
    centre, spread = (z * math.sqrt(t) + mean * sd**-2) / precision, precision**-0.5
    value, left = z * math.sqrt(t), 1.0 - t
    exact = norm.cdf((value + centre * left - TWO.upper_z[1]) / math.sqrt(left + (left * spread) ** 2))
    assert found.power == pytest.approx(exact, abs=1e-3)
    assert 1000 < found.effective_draws < 4000
    assert under_posterior(TWO, 1, z, [ExpectedScore(math.nan, TWO.information)]) is None


def vars_of(found):
    return [found.expected, found.planned, found.trend, found.predictive]

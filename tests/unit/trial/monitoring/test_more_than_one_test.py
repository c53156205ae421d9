"""Bounds of analyses that are not all made by the same test: what each test spends is counted in full."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from jaksim.trial.monitoring.bounds import at_information, boundaries_of, bounds_at
from jaksim.trial.monitoring.futility import FutilityBounds
from jaksim.trial.monitoring.integration import crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import ObrienFleming, Pocock

TIMES = (0.3, 0.6, 0.8, 1.0)


def plan_of(tests, **changes):
    return MonitoringPlan(information=TIMES, tests=tests, **changes)


@pytest.mark.parametrize("sides", [1, 2])
def test_another_test_at_the_end_has_all_that_is_left_to_itself(sides):
    found = boundaries_of(plan_of((0, 0, 0, 1), sides=sides))
    alone = boundaries_of(plan_of((), sides=sides))
    assert found.upper_z[:-1] == pytest.approx(alone.upper_z[:-1], rel=1e-12)
    left = (0.025 - alone.alpha_spent[-2]) / sides
    assert found.upper_z[-1] == pytest.approx(norm.isf(left), abs=1e-9)
    assert found.upper_z[-1] > alone.upper_z[-1]
    assert found.alpha_spent == pytest.approx(ObrienFleming().spent(np.array(TIMES), 0.025 / sides) * sides, abs=1e-10)


def test_each_test_spends_its_own_parts_by_its_own_law():
    found = boundaries_of(plan_of((0, 1, 0, 1), efficacy=Pocock()))
    parts = np.diff(Pocock().spent(np.array(TIMES), 0.025), prepend=0.0)
    for own in ([0, 2], [1, 3]):
        times, upper = np.array(TIMES)[own], found.upper_z[own]
        spent = crossing_probabilities(times, np.full(2, -np.inf), upper, 0.0).upper[0]
        assert spent == pytest.approx(parts[own], abs=1e-10)


def test_every_analysis_by_another_test_is_a_bonferroni_test():
    found = boundaries_of(plan_of((3, 1, 2, 0), efficacy=Pocock()))
    parts = np.diff(Pocock().spent(np.array(TIMES), 0.025), prepend=0.0)
    assert found.upper_z == pytest.approx(norm.isf(parts), abs=1e-9)


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.9, 0.999])
def test_the_level_is_kept_whatever_the_correlation(correlation):
    found = boundaries_of(MonitoringPlan(information=(0.5, 1.0), tests=(0, 1), efficacy=Pocock()))
    joint = multivariate_normal(cov=[[1.0, correlation], [correlation, 1.0]])
    assert 1.0 - joint.cdf(found.upper_z) <= 0.025 + 1e-7


def test_what_an_analysis_without_a_test_would_spend_is_spent_at_the_next():
    found = boundaries_of(plan_of((0, 1, 0, 1), efficacy=Pocock(), efficacy_off=(2,)))
    spent = Pocock().spent(np.array(TIMES), 0.025)
    assert np.isinf(found.upper_z[1])
    times, upper = np.array(TIMES)[[0, 2]], found.upper_z[[0, 2]]
    crossed = crossing_probabilities(times, np.full(2, -np.inf), upper, 0.0).upper[0]
    assert crossed == pytest.approx([spent[0], spent[2] - spent[0]], abs=1e-10)
    assert found.upper_z[3] == pytest.approx(norm.isf(0.025 - spent[2]), abs=1e-9)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)


def test_bounds_follow_the_information_in_the_data_and_futility_stays_where_it_is_given():
    plan = plan_of((0, 0, 1, 1), futility=FutilityBounds((-1.0, 0.0, 0.5)), sides=1)
    planned = boundaries_of(plan)
    assert planned.lower_z == pytest.approx([-1.0, 0.0, 0.5, planned.upper_z[-1]])
    seen = np.array([[0.25, 0.62, 0.81, 1.03], [0.3, 0.6, 0.8, 1.0]])
    upper, lower = bounds_at(planned, seen)
    assert upper[1] == pytest.approx(planned.upper_z, rel=1e-12)
    assert upper[0] == pytest.approx(at_information(planned, seen[0]).upper_z, rel=1e-12)
    assert at_information(planned, seen[0]).alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)
    assert lower[0, :-1] == pytest.approx([-1.0, 0.0, 0.5])


def test_nothing_is_said_of_a_joint_law_that_is_not_known():
    found = boundaries_of(plan_of((0, 0, 1, 1)))
    assert np.isnan(found.crossing([0.0, 2.0]).upper).all()
    assert np.isnan(found.drift)

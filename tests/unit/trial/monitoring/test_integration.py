import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from jaksim.errors import InputError
from jaksim.trial.monitoring.integration import crossing_probabilities


def test_one_analysis_is_a_normal_tail():
    found = crossing_probabilities([4.0], [-1.0], [2.0], [-1.0, 0.0, 1.0])
    assert found.upper[:, 0] == pytest.approx(norm.sf([4.0, 2.0, 0.0]), rel=1e-12)
    assert found.lower[:, 0] == pytest.approx(norm.cdf([1.0, -1.0, -3.0]), rel=1e-12)


def test_two_analyses_are_a_bivariate_normal_probability():
    correlation = np.sqrt(0.3)
    both = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
    found = crossing_probabilities([0.3, 1.0], -np.inf, [1.5, 1.8], 0.0)
    assert found.upper[0, 1] == pytest.approx(norm.cdf(1.5) - both.cdf([1.5, 1.8]), abs=1e-9)


def test_everything_stops_somewhere():
    rng = np.random.default_rng(3)
    for _ in range(20):
        times = np.cumsum(rng.uniform(0.02, 1.0, 5))
        upper, lower = rng.uniform(0.5, 3.0, 5), rng.uniform(-3.0, 0.4, 5)
        upper[-1] = lower[-1]
        found = crossing_probabilities(times, lower, upper, [0.0, 0.7, -1.4])
        assert found.upper.sum(axis=1) + found.lower.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-10)


def test_mirrored_bounds_and_drift_mirror_the_probabilities():
    times, upper, lower = [0.2, 0.5, 1.0], np.array([2.5, 2.2, 2.0]), np.array([-0.5, 0.1, 1.0])
    one = crossing_probabilities(times, lower, upper, 1.3)
    other = crossing_probabilities(times, -upper, -lower, -1.3)
    assert one.upper == pytest.approx(other.lower, abs=1e-13)
    assert one.lower == pytest.approx(other.upper, abs=1e-13)


def test_only_information_times_squared_drift_matters():
    times, bounds = np.array([0.3, 0.8, 1.0]), [2.8, 2.2, 2.0]
    one = crossing_probabilities(times, -np.inf, bounds, 2.0)
    assert crossing_probabilities(400.0 * times, -np.inf, bounds, 0.1).upper == pytest.approx(one.upper, abs=1e-13)


def test_a_bound_that_is_never_reached_can_be_left_out():
    with_it = crossing_probabilities([0.3, 0.31, 1.0], -np.inf, [2.0, np.inf, 1.9], [0.0, 2.0])
    without = crossing_probabilities([0.3, 1.0], -np.inf, [2.0, 1.9], [0.0, 2.0])
    assert with_it.upper[:, [0, 2]] == pytest.approx(without.upper, abs=1e-10)


@pytest.mark.parametrize(("drift", "inner"), [(0.0, None), (2.5, None), (1.5, (0.2, 0.8, np.nan))])
def test_against_simulated_trials(drift, inner):
    times = np.array([0.25, 0.6, 1.0])
    upper, lower = np.array([2.4, 2.1, 1.9]), np.array([-2.4, -1.0, 0.5])
    n = 400_000
    rng = np.random.default_rng(20)
    score = np.cumsum(rng.normal(size=(n, 3)) * np.sqrt(np.diff(times, prepend=0)), axis=1) + drift * times
    z = score / np.sqrt(times)
    stops = [z >= upper, z <= lower, np.abs(z) < (0.0 if inner is None else np.nan_to_num(inner))]
    running = np.cumsum(stops[0] | stops[1] | stops[2], axis=1)
    first = (running == 1) & (stops[0] | stops[1] | stops[2])
    found = crossing_probabilities(times, lower, upper, drift, inner=inner)
    for stop, exact in zip(stops, found, strict=True):
        share = (stop & first).mean(axis=0)
        error = np.sqrt(np.maximum(exact[0] * (1.0 - exact[0]), 1e-12) / n)
        assert np.all(np.abs(share - exact[0]) < 4.0 * error)


@pytest.mark.parametrize("times", [[], [0.5, 0.5], [0.0, 1.0], [1.0, 0.5], [0.5, np.nan], [-0.1, 1.0]])
def test_information_must_increase(times):
    with pytest.raises(InputError, match="information"):
        crossing_probabilities(times, -np.inf, np.inf, 0.0)

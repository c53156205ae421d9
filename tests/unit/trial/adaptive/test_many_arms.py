"""Bounds of several arms against one control at several analyses."""

import numpy as np
import pytest

from jaksim.trial.adaptive.many_arms import constant_of, familywise_error, power_of_best
from jaksim.trial.monitoring.integration import crossing_probabilities
from jaksim.trial.multiplicity.dunnett import critical_value


def test_bounds_of_mams():
    """cran/MAMS, man/mams.sim.Rd: K = 4, J = 2, O'Brien-Fleming, lower bound fixed at 0, alpha 0.05; and n = 44."""
    shape = 1 / np.sqrt([0.5, 1.0])
    upper = constant_of(shape, [0.0], [0.5, 1.0], 4, 1.0, 0.05) * shape
    np.testing.assert_allclose(upper, [3.068, 2.169], atol=5e-4)
    effects = np.sqrt(2) * np.array([0.3853204664, 0.1256613469])
    powers = [power_of_best(upper, [0.0], [0.5, 1.0], tuple((effects * np.sqrt(n)).tolist()), 4) for n in (43, 44)]
    assert powers[0] < 0.9 <= powers[1]


def test_one_analysis_is_dunnett():
    for ratio in (0.5, 1.0):
        assert constant_of([1.0], [], [1.0], 3, ratio, 0.025) == pytest.approx(critical_value((ratio,) * 3, 0.025))


def test_one_arm_is_group_sequential():
    information, upper, lower = [0.3, 0.7, 1.0], [3.0, 2.5, 2.1], [-0.5, 0.4]
    crossing = crossing_probabilities(information, [*lower, 2.1], upper, [0.0])
    assert familywise_error(upper, lower, information, 1, 1.0) == pytest.approx(
        float(crossing.upper[0].sum()), abs=1e-6
    )


@pytest.mark.parametrize("looks", [2, 3, 4])
def test_against_simulated_brownian_motions(looks):
    """z beyond 4 fails."""
    n, arms, ratio = 400_000, 3, 0.5
    rng = np.random.default_rng(looks)
    times = np.arange(1, looks + 1) / looks
    upper, lower = 2.2 / np.sqrt(times), np.linspace(-0.5, 0.5, looks - 1)
    own, shared = np.sqrt(1 / (1 + ratio)), np.sqrt(ratio / (1 + ratio))
    paths = np.cumsum(rng.normal(scale=np.sqrt(1 / looks), size=(arms + 1, n, looks)), axis=2)
    rejected = np.zeros(n, dtype=bool)
    for path in paths[1:]:
        z = (own * path - shared * paths[0]) / np.sqrt(times)
        going = np.ones(n, dtype=bool)
        for j in range(looks):
            rejected |= going & (z[:, j] > upper[j])
            going &= z[:, j] >= (lower[j] if j < looks - 1 else 0.0)
    expected = familywise_error(upper, lower, times, arms, ratio)
    assert abs(rejected.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / n)

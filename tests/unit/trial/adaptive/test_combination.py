"""Combination tests and closed testing: what no table prints."""

import numpy as np
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.trial.adaptive.closed_testing import INTERSECTION_TESTS, ClosedTest
from jaksim.trial.monitoring.combination import Fisher, InverseNormal, p_of, z_of
from jaksim.trial.monitoring.fisher import critical_values_spending

DESIGNS = (
    InverseNormal(jaksim.boundaries(information=[0.3, 0.6, 1.0])),
    InverseNormal(jaksim.boundaries(information=[0.3, 0.6, 1.0], futility="z:0,0.5", binding=True)),
    Fisher.of(3, 0.025),
    Fisher.of(3, 0.025, "full", [0.4, 0.3]),
)


def _normal_quadrature(low, high):
    points, weights = np.polynomial.legendre.leggauss(60)
    z = 0.5 * (low + high) + 0.5 * (high - low) * points
    return z, 0.5 * (high - low) * weights * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)


@pytest.mark.parametrize("combination", DESIGNS)
def test_conditional_errors_average_to_what_is_spent_later(combination):
    if isinstance(combination, InverseNormal):
        bounds = combination.boundaries
        low, high, spent = p_of(bounds.upper_z[0]), p_of(max(bounds.lower_z[0], -8.0)), bounds.alpha_spent
    else:
        low, high, spent = combination.critical[0], (combination.futility_p or (1.0,))[0], combination.alpha_spent
    z, weights = _normal_quadrature(float(z_of(min(high, 1.0 - 1e-15))), float(z_of(low)))
    later = combination.conditional_error(p_of(z)[:, None])
    assert weights @ later == pytest.approx(spent[-1] - spent[0], abs=1e-7)


def test_fisher_spends_what_it_says_in_simulated_trials():
    combination = Fisher.of(3, 0.1, "full", [0.6, 0.5])
    p = np.random.default_rng(5).random((400_000, 3))
    crossed = combination.crossed(p)
    alive = np.ones(len(p), dtype=bool)
    shares = []
    for stage in range(3):
        shares.append((alive & crossed[:, stage]).mean())
        alive &= ~crossed[:, stage]
        if stage < 2:
            alive &= p[:, stage] <= combination.futility_p[stage]
    expected = np.diff(combination.alpha_spent, prepend=0.0)
    z = (np.array(shares) - expected) / np.sqrt(expected * (1 - expected) / len(p))
    assert np.abs(z).max() < 4.0


def test_a_rejected_hypothesis_needs_all_its_intersections():
    closed = ClosedTest(2, "bonferroni")
    assert closed.members.tolist() == [[True, True], [True, False], [False, True]]
    crossed = np.array([[True, True, False], [False, True, True], [True, True, True]])
    assert closed.rejected(crossed).tolist() == [[True, False], [False, False], [True, True]]


@pytest.mark.parametrize("test", INTERSECTION_TESTS)
def test_a_missing_hypothesis_leaves_the_others_and_one_not_estimable_speaks_against(test):
    closed = ClosedTest(2, test)
    correlation = [[1.0, 0.5], [0.5, 1.0]]
    z = np.array([[2.0, np.nan], [np.nan, np.nan], [2.0, -np.inf]])
    p = closed.p_values(z, correlation)
    assert p[0, :2] == pytest.approx([0.0227501319] * 2)
    assert np.isnan(p[0, 2])
    assert np.isnan(p[1]).all()
    assert p[2, 2] == 1.0
    assert p[2, 0] > p_of(2.0) * 1.5


def test_dunnett_is_exact_for_correlations_that_differ_between_trials():
    rng = np.random.default_rng(3)
    for rho in (0.2, 0.8):
        draws = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=400_000).max(axis=1)
        p = ClosedTest(2).p_values([[1.5, 1.0]], [[[1.0, rho], [rho, 1.0]]])[0, 0]
        assert abs((draws > 1.5).mean() - p) / np.sqrt(p * (1 - p) / 400_000) < 4.0


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="one-sided"):
        InverseNormal(jaksim.boundaries(looks=2, sides=2))
    with pytest.raises(InputError, match="did you mean 'simes'"):
        ClosedTest(2, "simess")
    with pytest.raises(InputError, match="correlation"):
        ClosedTest(2).p_values([[1.0, 1.0]])
    with pytest.raises(InputError, match="stops where the trial has rejected"):
        Fisher.of(2, 0.025, futility_p=[0.001])
    with pytest.raises(InputError, match="1 numbers above 0 to 1"):
        Fisher.of(2, 0.025, futility_p=[0.5, 0.5])
    with pytest.raises(InputError, match="unknown method"):
        Fisher.of(2, 0.025, "ful")
    with pytest.raises(InputError, match="reject more easily"):
        critical_values_spending([0.0001, 0.05])

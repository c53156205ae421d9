import math

import numpy as np
import pytest
from scipy.optimize import brentq

from jaksim.design.conduct.adaptive.shares import shares_of, within_caps
from jaksim.trial.adaptive.response_adaptive import ResponseAdaptive

BEST = np.array([[0.5, 0.4, 0.1], [0.2, 0.2, 0.6], [0.0, 0.0, 1.0]])


def rules(**given):
    return ResponseAdaptive(analyses=("a", "b"), burn_in=10, every=10, **given)


def test_the_probability_itself_is_the_share():
    np.testing.assert_allclose(shares_of(BEST, rules(power=1.0), 0, 0.5), BEST, atol=1e-11)


def test_power_zero_keeps_the_shares_equal():
    np.testing.assert_allclose(shares_of(BEST, rules(power=0.0), 0, 0.5), 1 / 3, atol=1e-12)


def test_the_power_grows_with_the_patients():
    fraction = np.array([0.2, 1.0, 0.6])
    weight = np.clip(BEST, 1e-12, None) ** (fraction / 2)[:, None]
    np.testing.assert_allclose(shares_of(BEST, rules(), 0, fraction), weight / weight.sum(axis=1, keepdims=True))


def test_the_reference_gets_as_many_as_the_largest():
    found = shares_of(BEST, rules(power=1.0, control="largest", lowest=0.05, highest=0.45), 0, 0.5)
    np.testing.assert_allclose(found[:, 0], found[:, 1:].max(axis=1))
    np.testing.assert_allclose(found[0], [4 / 9, 4 / 9, 1 / 9], atol=1e-9)
    np.testing.assert_allclose(found[2], [0.45, 0.1, 0.45], atol=1e-9)


def test_a_fixed_reference_leaves_the_rest():
    found = shares_of(BEST, rules(power=1.0, control="fixed", control_share=0.4), 0, 0.5)
    np.testing.assert_allclose(found[0], [0.4, 0.48, 0.12])


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ([0.9, 0.05, 0.05], [0.6, 0.2, 0.2]),
        ([0.5, 0.4, 0.1], [0.6 * 5 / 7.5, 0.4 * 0.8, 0.2]),
        ([0.3, 0.35, 0.35], [0.3, 0.35, 0.35]),
    ],
)
def test_caps_cut_and_the_rest_stays_in_proportion(weight, expected):
    found = within_caps(np.array([weight]), 1.0, 0.2, 0.6)[0]
    assert found.sum() == pytest.approx(1.0)
    if weight[0] == 0.5:
        expected = [0.8 * 5 / 9, 0.8 * 4 / 9, 0.2]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize(("lowest", "highest"), [(0.0, 1.0), (0.05, 0.7), (0.1, 0.6), (0.12, 1.0), (0.0, 0.55)])
def test_shares_within_caps_are_those_of_a_search_for_the_factor(arms, lowest, highest):
    weight = np.random.default_rng(arms).gamma(0.2, size=(200, arms)) + 1e-12
    found = within_caps(weight, 1.0, lowest, highest)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-14)
    for row, mine in zip(weight, found, strict=True):
        at = brentq(lambda x, w=row: np.clip(math.exp(x) * w, lowest, highest).sum() - 1.0, -60.0, 60.0, xtol=1e-15)
        np.testing.assert_allclose(mine, np.clip(math.exp(at) * row, lowest, highest), atol=1e-12)


def test_limits_that_leave_no_choice_are_the_shares():
    weight = np.array([[1e-12, 0.3, 0.7], [0.2, 0.2, 0.6]])
    np.testing.assert_allclose(within_caps(weight, 1.0, 1.0 / 3.0, 1.0), 1.0 / 3.0, rtol=1e-14)
    np.testing.assert_allclose(within_caps(weight, 1.0, 0.0, 1.0 / 3.0), 1.0 / 3.0, rtol=1e-14)
    np.testing.assert_allclose(within_caps(weight, 0.6, 0.2, 0.2), 0.2, rtol=1e-14)

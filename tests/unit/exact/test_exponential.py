import math

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import gammainc

from jaksim.exact.exponential import exponentials


def generator(rates):
    """Generator with the given off-diagonal rates."""
    matrix = np.array(rates, dtype=float)
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    return matrix


def random_generators(seed, n, n_states, scale):
    rng = np.random.default_rng(seed)
    return np.array(
        [
            generator(rng.exponential(scale, (n_states, n_states)) * rng.integers(0, 2, (n_states, n_states)))
            for _ in range(n)
        ]
    )


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 30.0])
@pytest.mark.parametrize("n_states", [2, 5, 8, 20])
def test_agrees_with_scipy(scale, n_states):
    generators = random_generators(3, 6, n_states, scale)
    durations = np.array([1.0, 0.5, 0.03, 1.0, 7.0, 0.0])
    found = exponentials(generators, durations)
    for matrix, duration, probability in zip(generators, durations, found, strict=True):
        np.testing.assert_allclose(probability, expm(matrix * duration), rtol=1e-10, atol=1e-14)


def test_two_states_have_their_closed_form_however_stiff():
    for forth, back, days in [(0.3, 0.1, 1.0), (1e6, 1e-3, 1.0), (1e-9, 1e5, 2.0), (5e3, 5e3, 1.0)]:
        both = forth + back
        left = math.exp(-both * days)
        exact = [
            [(back + forth * left) / both, -math.expm1(-both * days) * forth / both],
            [-math.expm1(-both * days) * back / both, (forth + back * left) / both],
        ]
        found = exponentials(generator([[0, forth], [back, 0]])[None], np.array([days]))[0]
        np.testing.assert_allclose(found, exact, rtol=1e-13)


def test_tiny_probabilities_keep_their_digits():
    rate = 1e-4
    chain = np.zeros((6, 6))
    for state in range(5):
        chain[state, state + 1] = rate
    found = exponentials(generator(chain)[None], np.ones(1))[0, 0]
    exact = [math.exp(-rate) * rate**k / math.factorial(k) for k in range(5)] + [gammainc(5, rate)]
    np.testing.assert_allclose(found, exact, rtol=1e-13)
    assert found[-1] < 1e-21


def test_unreachable_states_have_probability_zero_and_absorbing_states_are_kept():
    found = exponentials(generator([[0, 2, 0], [0, 0, 3], [0, 0, 0]])[None], np.array([5.0]))[0]
    assert found[1, 0] == found[2, 0] == found[2, 1] == 0.0
    assert found[2, 2] == 1.0


def test_rows_sum_to_one_and_nothing_is_negative():
    generators = random_generators(11, 20, 8, 1.0) * np.logspace(-8, 6, 20)[:, None, None]
    found = exponentials(generators, np.ones(20))
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=2), 1.0, rtol=0, atol=1e-14)


def test_a_fast_neighbour_in_the_batch_costs_no_accuracy():
    slow = random_generators(5, 1, 8, 0.1)
    fast = random_generators(6, 1, 8, 1e7)
    alone = exponentials(slow, np.ones(1))[0]
    together = exponentials(np.concatenate([slow, fast]), np.ones(2))[0]
    np.testing.assert_allclose(together, alone, rtol=1e-13)


def test_zero_duration_zero_rates_and_an_empty_batch():
    np.testing.assert_array_equal(exponentials(random_generators(1, 1, 4, 1.0), np.zeros(1))[0], np.eye(4))
    np.testing.assert_array_equal(exponentials(np.zeros((1, 4, 4)), np.ones(1))[0], np.eye(4))
    assert exponentials(np.empty((0, 4, 4)), np.empty(0)).shape == (0, 4, 4)


def test_rates_near_the_largest_float_reach_their_limit():
    found = exponentials(generator([[0, 1e300], [0, 0]])[None], np.ones(1))[0]
    np.testing.assert_array_equal(found, [[0, 1], [0, 1]])

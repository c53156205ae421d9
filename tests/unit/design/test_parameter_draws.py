from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from jaksim.design.parameter_draws import SETS, EvenNumbers, draws_error, draws_gain

SEEDS, DRAWS, DIMENSIONS = 120, 200, 6


def points(seed, draws=DRAWS):
    numbers = EvenNumbers(DIMENSIONS, seed)
    return np.array([numbers.draw() for _ in range(draws)])


@pytest.fixture(scope="module")
def drawn():
    return [points(seed) for seed in range(SEEDS)]


def test_a_draw_does_not_depend_on_those_after_it():
    np.testing.assert_array_equal(points(1, 5), points(1, 9)[:5])
    assert not np.array_equal(points(1, 5), points(2, 5))


def test_points_are_uniform_and_even_within_a_set(drawn):
    pooled = np.concatenate(drawn)
    assert pooled.min() > 0.0
    assert pooled.max() < 1.0
    first = np.array([one[0] for one in drawn])
    assert (np.abs(first.mean(axis=0) - 0.5) < 4.0 / sqrt(12 * SEEDS)).all()
    for one in drawn[:3]:
        eight = one[: 8 * SETS].reshape(8, SETS, DIMENSIONS)
        cells = np.sort((8 * eight).astype(int), axis=0)
        np.testing.assert_array_equal(cells, np.broadcast_to(np.arange(8)[:, None, None], cells.shape))


def test_averages_are_unbiased_their_errors_right_and_smaller_than_of_independent_draws(drawn):
    normal = NormalDist()
    # P(Z < a + sum of b X) with standard normal Z and X is Phi(a / sqrt(1 + sum of b squared)).
    slopes, start = np.array([1.5, 1.0, 1.0, 0.5, 0.5, 0.2]), 0.4
    exact = normal.cdf(start / sqrt(1.0 + (slopes**2).sum()))
    numbers = np.arange(DRAWS)
    means, errors, gains = [], [], []
    for one in drawn:
        values = [normal.cdf(start + float(slopes @ [normal.inv_cdf(u) for u in point])) for point in one.tolist()]
        means.append(np.mean(values))
        errors.append(draws_error(values, numbers))
        gains.append(draws_gain(values, numbers))
    variance = np.var(means, ddof=1)
    assert abs(np.mean(means) - exact) < 4.0 * sqrt(variance / SEEDS)
    # Sets of Sobol points that are no power of two in size are not quite alike, so that errors are a little too large.
    assert abs(variance / np.mean(np.square(errors)) - 1.0) < 4.0 * sqrt(2.0 / SEEDS)
    assert np.median(gains) > 1.3


def test_the_error_of_independent_values_is_that_of_their_mean():
    values = np.random.default_rng(1).normal(size=(400, 64))
    found = [draws_error(one, np.arange(64)) ** 2 for one in values]
    assert np.mean(found) == pytest.approx(1.0 / 64, rel=4.0 * sqrt(2.0 / (SETS - 1) / 400))
    few = values[0, :5]
    assert draws_error(few, np.arange(5)) == pytest.approx(few.std(ddof=1) / sqrt(5))

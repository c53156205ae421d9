"""Signs of two correlated normal variables against integration over one, and against the quadrature of three."""

import math
from itertools import pairwise

import numpy as np
import pytest
from numba import njit
from scipy import integrate, stats
from scipy.special import ndtr

from jaksim.analysis.win import quadrants
from jaksim.analysis.win.probability_best import best_of_normals


@njit
def both_positive(first, second, covariance, root):
    return quadrants.both_positive(first, second, covariance, root)


@njit
def best_of_two(mean, variance, covariance, root, out):
    quadrants.best_of_two(mean, variance, covariance, root, out)


MEANS = [(0.0, 0.0), (0.4, -1.1), (2.5, 2.4), (-3.0, 1.0), (-6.0, -0.5), (7.0, 7.0)]
CORRELATIONS = [-0.999999, -0.95, -0.5, 0.0, 0.3, 0.72, 0.98, 1.0 - 1e-9]


@pytest.mark.parametrize("means", MEANS)
@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_both_positive_is_the_integral_over_one_of_them(means, correlation):
    first, second = means
    root = math.sqrt((1.0 - correlation) * (1.0 + correlation))
    turn = -second / correlation if correlation else 0.0
    at = sorted({-first, 12.0, *(x for x in (turn - 9 * root, turn, turn + 9 * root, 0.0) if -first < x < 12.0)})
    exact = sum(
        integrate.quad(lambda x: stats.norm.pdf(x) * ndtr((second + correlation * x) / root), low, high, epsabs=1e-14)[
            0
        ]
        for low, high in pairwise(at)
    )
    assert both_positive(first, second, correlation, root) == pytest.approx(exact, abs=1e-11)


def test_without_correlation_it_is_a_product_and_with_all_of_it_the_smaller():
    assert both_positive(0.3, -0.7, 0.0, 2.0) == pytest.approx(ndtr(0.3) * ndtr(-0.7), abs=1e-15)
    assert both_positive(0.3, -0.7, 1.0, 0.0) == pytest.approx(ndtr(-0.7), abs=1e-9)
    assert both_positive(0.0, 0.0, 0.5, math.sqrt(0.75)) == pytest.approx(1.0 / 3.0, abs=1e-15)


@pytest.mark.parametrize(("mean", "sd", "shared"), [((0.1, 0.3), (0.2, 0.25), 0.1), ((-0.5, 2.0), (1.0, 0.1), -0.3)])
def test_the_three_that_may_be_best_are_all(mean, sd, shared):
    out = np.empty(3)
    own = np.array(sd) ** 2
    root = math.sqrt(own[0] * own[1] + shared**2 * own.sum())
    best_of_two(np.array(mean), own + shared**2, shared**2, root, out)
    assert out.sum() == pytest.approx(1.0, abs=1e-14)
    assert (out > 0.0).all()


@pytest.mark.parametrize("prior_sd", [0.2, 1.0, math.inf])
def test_a_third_arm_without_hope_changes_nothing(prior_sd):
    random = np.random.default_rng(8)
    estimate, variance, shared = (
        random.normal(0, 0.3, (50, 2)),
        random.uniform(0.01, 0.2, (50, 2)),
        np.full((50, 2), 0.4),
    )
    two = best_of_normals(estimate, variance, shared, prior_sd=prior_sd)
    lost, known, own = np.full((50, 1), -60.0), np.full((50, 1), 1e-6), np.zeros((50, 1))
    three = best_of_normals(*map(np.hstack, ([estimate, lost], [variance, known], [shared, own])), prior_sd=prior_sd)
    np.testing.assert_allclose(three[:, :3], two, atol=1e-6)


@pytest.mark.parametrize(
    ("estimate", "expected"), [((0.3, 0.3), (0.5, 0.5)), ((0.0, 0.0), (0.5, 0.5)), ((0.3, 0.2), (1.0, 0.0))]
)
def test_estimates_that_share_all_of_their_error_have_the_limit(estimate, expected):
    found = best_of_normals(np.array([estimate]), np.ones((1, 2)), np.ones((1, 2)))
    positive = ndtr(max(estimate))
    np.testing.assert_allclose(found[0], [1.0 - positive, *np.multiply(positive, expected)], atol=1e-15)

import math

import numpy as np
import pytest
from scipy.special import ndtr

from jaksim.analysis.normal_maximum import largest_beyond


def beyond(covariance, z, *, two_sided=False):
    out = np.empty(1)
    largest_beyond(np.array([covariance], dtype=float), np.array([z], dtype=float), two_sided, out)
    return out[0]


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.999])
def test_two_variables_pass_zero_as_often_as_their_angle_says(correlation):
    expected = 1 - (0.25 + math.asin(correlation) / (2 * math.pi))
    assert beyond([[1, correlation], [correlation, 1]], 0.0) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
@pytest.mark.parametrize("z", [0.5, 2.0, 4.0])
def test_independent_variables(m, z):
    assert beyond(np.eye(m), z) == pytest.approx(-math.expm1(m * math.log(ndtr(z))), rel=1e-7)
    inside = math.log1p(-2 * ndtr(-z))
    assert beyond(np.eye(m), z, two_sided=True) == pytest.approx(-math.expm1(m * inside), rel=1e-7)


def test_the_scale_of_the_variables_does_not_matter_and_copies_add_nothing():
    correlation = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.7], [0.3, 0.7, 1.0]])
    scale = np.array([3.0, 0.2, 11.0])
    assert beyond(correlation * np.outer(scale, scale), 2.1) == pytest.approx(beyond(correlation, 2.1), rel=1e-12)
    copied = correlation[np.ix_([0, 1, 1, 2, 0], [0, 1, 1, 2, 0])]
    assert beyond(copied, 2.1, two_sided=True) == pytest.approx(beyond(correlation, 2.1, two_sided=True), rel=1e-7)


def test_a_sum_of_two_variables_makes_the_correlations_singular():
    """|X|, |Y| and |X + Y| / sqrt(2) within z: the plane cut to an octagon without two opposite corners."""
    covariance = [[1, 0, 1], [0, 1, 1], [1, 1, 2]]
    draws = np.random.default_rng(1).normal(size=(2, 400_000))
    z = 1.5
    outside = (np.abs([*draws, draws.sum(axis=0) / math.sqrt(2)]) > z).any(axis=0)
    error = outside.std() / math.sqrt(outside.size)
    assert abs(beyond(covariance, z, two_sided=True) - outside.mean()) < 4 * error


def test_a_variable_without_variance_is_left_out():
    assert beyond([[1, 0], [0, 0]], 1.0) == pytest.approx(ndtr(-1.0), rel=1e-9)


def test_nothing_to_compare_gives_nan():
    assert math.isnan(beyond(np.eye(2), math.nan))

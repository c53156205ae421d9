import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.methods import mean_difference


def test_a_higher_value_is_good_or_bad_as_the_endpoint_says(endpoints, meanings):
    method = get_method("mean_difference")
    assert method.benefit_sign(endpoints["day_count"]) == 1
    assert method.benefit_sign(meanings("day_count", "lower value", rank=[0, 1])) == -1


def test_values_that_are_not_known_leave_both_counts():
    result = mean_difference([[5, 7, 9], [6, 8, 10]], [0.0, np.nan, 3.0])
    assert result.estimate == pytest.approx(30 / 16 - 27 / 14)
    assert result.n == 30


@pytest.mark.parametrize("variance", ["unequal", "equal"])
def test_a_shift_of_all_values_does_not_matter(variance):
    table = np.random.default_rng(3).integers(0, 9, size=(2, 2, 5))
    near, far = (mean_difference(table, np.arange(5.0) + shift, variance=variance) for shift in (0.0, 1e6))
    assert (near.estimate, near.se) == pytest.approx((far.estimate, far.se), rel=1e-8)


def test_nobody_and_nothing_that_varies():
    assert np.isnan(mean_difference([[0, 0], [4, 5]], [1, 2]).estimate)
    assert np.isnan(mean_difference([[0, 7], [0, 9]], [1, 2]).statistic)

import math

import pytest
from scipy.optimize import brentq

from jaksim.root import root


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (lambda x: x**3 - 2.0, 0.0, 2.0),
        (lambda x: math.cos(x) - x, -1.0, 2.0),
        (lambda x: math.exp(-50.0 * x) - 0.3, 0.0, 1.0),
        (lambda x: math.copysign(1.0, x - 0.123), 0.0, 1.0),
    ],
)
def test_the_root_is_that_of_brents_method(function, low, high):
    assert root(function, low, high) == brentq(function, low, high, xtol=1e-12, rtol=1e-14)


def test_a_root_at_a_limit_is_found_and_limits_of_one_sign_are_refused():
    assert root(lambda x: x - 1.0, 1.0, 3.0) == 1.0
    assert root(lambda x: x - 3.0, 1.0, 3.0) == 3.0
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x, 1.0, 3.0)

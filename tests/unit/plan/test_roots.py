import math

import pytest

from jaksim.plan.roots import root


@pytest.mark.parametrize(
    ("function", "low", "high", "zero"),
    [
        (lambda x: x * x - 2.0, 0.0, 2.0, math.sqrt(2.0)),
        (lambda x: math.cos(x) - x, 0.0, 1.0, 0.7390851332151607),
        (lambda x: math.exp(-x) - 1e-8, 0.0, 100.0, 8.0 * math.log(10.0)),
        (lambda x: (x - 1.0) ** 3, -4.0, 9.0, 1.0),
        (lambda x: x, -1.0, 2.0, 0.0),
        (lambda x: 3.0 - x, 3.0, 5.0, 3.0),
        (lambda x: -1.0 if x < 0.3 else 1.0, 0.0, 1.0, 0.3),
    ],
)
def test_a_zero_is_found_to_the_last_digits(function, low, high, zero):
    tolerance = 1e-4 if zero == 1.0 else 1e-12
    assert root(function, low, high) == pytest.approx(zero, rel=tolerance, abs=1e-12)
    assert root(function, high, low) == pytest.approx(zero, rel=tolerance, abs=1e-12)


def test_signs_that_are_alike_are_refused():
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x * x + 1.0, -1.0, 1.0)

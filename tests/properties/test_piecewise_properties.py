"""What must hold for every piecewise-constant function."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jaksim.piecewise import PiecewiseConstant

TIMES = st.floats(-5, 60)


@st.composite
def functions(draw):
    cuts = sorted(draw(st.sets(st.floats(0.01, 50), max_size=6)))
    values = draw(st.lists(st.floats(-10, 10), min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    return PiecewiseConstant(tuple(cuts), tuple(values))


@given(functions(), TIMES)
def test_value_is_that_of_the_piece(function, t):
    assert function(t) == function.values[sum(cut <= t for cut in function.cuts)]


@given(functions(), functions(), TIMES)
def test_product_is_pointwise(one, other, t):
    t = max(t, 0.0)
    assert (one * other)(t) == one(t) * other(t)


@given(functions(), TIMES, TIMES, TIMES)
def test_integrals_add_up(function, a, b, c):
    total = function.integral(a, b) + function.integral(b, c)
    assert math.isclose(total, function.integral(a, c), rel_tol=1e-9, abs_tol=1e-9)


@given(functions(), TIMES, TIMES)
def test_integral_of_a_constant_multiple(function, a, b):
    assert math.isclose((function * 3.0).integral(a, b), 3.0 * function.integral(a, b), rel_tol=1e-12, abs_tol=1e-9)


@given(functions())
def test_value_at_every_cut_is_the_later_one(function):
    np.testing.assert_array_equal(function(function.cuts), function.values[1:])

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant

STEPS = PiecewiseConstant((3.0, 7.5), (0.1, 0.4, 0.2))


def test_value_is_right_continuous():
    assert STEPS(0.0) == 0.1
    assert STEPS(np.nextafter(3.0, 0.0)) == 0.1
    assert STEPS(3.0) == 0.4
    assert STEPS(7.5) == 0.2
    assert STEPS(1e9) == 0.2
    assert isinstance(STEPS(3), float)


def test_an_array_of_times_keeps_its_shape():
    np.testing.assert_array_equal(STEPS([[0.0, 3.0], [7.0, 8.0]]), [[0.1, 0.4], [0.4, 0.2]])


def test_integral_adds_the_pieces():
    assert STEPS.integral(0.0, 10.0) == pytest.approx(3 * 0.1 + 4.5 * 0.4 + 2.5 * 0.2, rel=1e-15)
    assert STEPS.integral(2.0, 2.0) == 0.0
    assert STEPS.integral(10.0, 0.0) == -STEPS.integral(0.0, 10.0)


def test_product_with_a_number_and_with_another_function():
    assert (2 * STEPS) == (STEPS * 2) == PiecewiseConstant((3.0, 7.5), (0.2, 0.8, 0.4))
    product = STEPS * PiecewiseConstant((3.0, 5.0), (1.0, 2.0, 10.0))
    assert product.cuts == (3.0, 5.0, 7.5)
    assert product.values == pytest.approx((0.1, 0.8, 4.0, 2.0))
    with pytest.raises(TypeError):
        STEPS * "twice"


def test_constant_has_no_cuts():
    assert PiecewiseConstant.constant(0.3) == PiecewiseConstant((), (0.3,))


def test_arrays_are_accepted_and_stored_as_tuples():
    assert PiecewiseConstant(np.array([1, 2]), np.array([1, 2, 3])) == PiecewiseConstant((1.0, 2.0), (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("cuts", "values", "message"),
    [
        ((3, 2), (1, 1, 1), r"cuts\[1\].*must increase"),
        ((3, 5, 5), (1, 1, 1, 1), r"cuts\[2\].*must increase"),
        ((0, 2), (1, 1, 1), r"cuts\[0\].*later than day 0"),
        ((1,), (1,), "1 cuts need 2 values"),
        ((1,), (1, float("nan")), r"values\[1\].*finite"),
        ((float("inf"),), (1, 2), r"cuts\[0\].*finite"),
        (("a",), (1, 2), "cuts: must be a list of numbers"),
        ((1,), ((1, 2), 3), "values: must be a list of numbers"),
        (3, (1, 2), "cuts: must be a list of numbers"),
    ],
)
def test_faults_name_the_offending_index(cuts, values, message):
    with pytest.raises(InputError, match=message):
        PiecewiseConstant(cuts, values)


def test_times_must_be_numbers():
    with pytest.raises(InputError):
        STEPS(float("nan"))
    with pytest.raises(InputError):
        STEPS.integral(0.0, float("inf"))

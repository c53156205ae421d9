import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from jaksim.errors import InputError
from jaksim.model.covariate_shape import LINEAR, Shape


@pytest.mark.parametrize("heights", [(0.0, 0.3, 0.9, 2.0), (1.0, -1.0, 1.0, -1.0), (0.0, 0.0, 0.5, 0.5)])
def test_a_spline_is_the_natural_one_and_a_line_beyond_its_knots(heights):
    knots = (40.0, 52.0, 70.0, 85.0)
    shape, natural = Shape("spline", cuts=knots, values=heights), CubicSpline(knots, heights, bc_type="natural")
    inside = np.linspace(40.0, 85.0, 101)
    assert shape.of_all(inside) == pytest.approx(natural(inside), abs=1e-12)
    assert shape.of(30.0) == pytest.approx(heights[0] - 10.0 * natural(40.0, 1))
    assert shape.of(95.0) == pytest.approx(heights[-1] + 10.0 * natural(85.0, 1))


def test_a_category_begins_at_its_cut():
    shape = Shape("category", cuts=(30.0, 60.0), values=(0.7, 0.2, 0.0))
    assert [shape.of(value) for value in (29.9, 30.0, 59.0, 60.0, 90.0)] == [0.7, 0.2, 0.2, 0.0, 0.0]


def test_a_line_counts_from_its_centre_in_its_unit():
    assert Shape(centre=56.0, per=10.0).of(71.0) == 1.5
    assert LINEAR.of(0.1) == 0.1
    assert LINEAR.is_identity


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "categories"}, "unknown shape"),
        ({"per": 0.0}, "zero"),
        ({"kind": "category", "cuts": (1.0, 2.0), "values": (0.0, 1.0)}, "2 cuts need 3 values"),
        ({"kind": "spline", "cuts": (1.0, 2.0), "values": (0.0, 1.0)}, "three knots"),
        ({"kind": "category", "cuts": (2.0, 1.0), "values": (0.0, 1.0, 2.0)}, "increase"),
        ({"cuts": (2.0,)}, "a line has no cuts"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Shape(**given)

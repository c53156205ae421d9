import pytest

from jaksim.model.covariate_shape import Shape
from jaksim.model.effect import CovariateEffect
from jaksim.trial.assumption import covariate_assumption


@pytest.mark.parametrize(
    ("shape", "size", "words", "ratio"),
    [
        (Shape(), 0.6, "per unit of age", 1.822),
        (Shape(per=10.0), 0.6, "per 10 of age", 1.822),
        (Shape(centre=60.0, per=10.0), 0.6, "per 10 of age from 60", 1.822),
        (Shape("category", cuts=(60.0,), values=(0.0, 0.5)), 1.0, "by age: 1.00 below 60, 1.65 from 60", None),
        (Shape("spline", cuts=(40.0, 60.0, 80.0), values=(0.0, 0.5, 1.0)), 1.0, "1.00 at 40, 1.65 at 60", None),
    ],
)
def test_an_effect_is_told_in_the_unit_that_it_is_of(shape, size, words, ratio):
    line = covariate_assumption(CovariateEffect("age", ("death",), size, shape=shape))
    assert words in line.statement
    assert line.ratio == (None if ratio is None else pytest.approx(ratio, abs=1e-3))

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from jaksim.errors import InputError
from jaksim.formulas.largest_normal import all_below, critical_largest
from jaksim.formulas.max_combo_power import normal_box

FORMS = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.5, 0.3, np.sqrt(1.0 - 0.34)]])


def test_of_one_variable_it_is_the_normal_law():
    assert all_below(1.959963984540054, [0.0], [[1.0]]) == pytest.approx(0.975, abs=1e-12)
    assert critical_largest(0.025, [[1.0]]) == pytest.approx(1.959963984540054, abs=1e-12)


@pytest.mark.parametrize("m", [2, 3])
def test_of_independent_directions_it_is_the_nested_integral(m):
    correlation = (FORMS @ FORMS.T)[:m, :m]
    mean = np.array([0.4, -0.3, 1.0])[:m]
    assert all_below(1.8, mean, correlation) == pytest.approx(normal_box(np.full(m, 1.8), mean, correlation), abs=2e-5)


def test_a_singular_correlation_is_taken_as_it_is():
    """The weights 1, S and 1 - S of Fleming and Harrington hang together, and a test may stand twice."""
    forms = np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8], [0.8, 0.6]])
    correlation = forms @ forms.T
    law = multivariate_normal(np.zeros(4), correlation, allow_singular=True, abseps=1e-8, releps=1e-8, maxpts=4_000_000)
    assert all_below(2.1, np.zeros(4), correlation) == pytest.approx(law.cdf(np.full(4, 2.1)), abs=2e-5)
    critical = critical_largest(0.025, correlation)
    assert all_below(critical, np.zeros(4), correlation) == pytest.approx(0.975, abs=2e-7)
    assert critical == pytest.approx(critical_largest(0.025, correlation[:3, :3]), abs=1e-4)


def test_four_directions_are_too_many():
    with pytest.raises(InputError, match="at most three"):
        all_below(2.0, np.zeros(4), np.eye(4))

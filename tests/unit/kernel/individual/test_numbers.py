"""Normal quantiles and exponentials of the kernel beside those of scipy and numpy."""

import numpy as np
import pytest
from scipy.special import ndtri

from jaksim.kernel.individual.exponent import exponent
from jaksim.kernel.individual.quantile import middle_quantile, outer_quantile

SHARES = (1e-15, 1e-9, 1e-4, 0.02, 0.07, 0.0749)


@pytest.mark.parametrize("q", [-0.425, -0.2, 0.0, 1e-9, 0.3, 0.425])
def test_the_middle_of_the_normal_law(q):
    assert middle_quantile.py_func(q) == pytest.approx(ndtri(0.5 + q), rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("share", SHARES)
def test_both_ends_of_the_normal_law(share):
    assert outer_quantile.py_func(share) == pytest.approx(-ndtri(share), rel=2e-15)


@pytest.mark.parametrize("x", [-690.0, -20.5, -1e-9, 0.3, 5.0, 650.0])
def test_exponentials(x):
    assert exponent.py_func(x) == pytest.approx(np.exp(x), rel=4e-16)


def test_an_exponential_of_nothing_is_one():
    assert exponent.py_func(0.0) == 1.0
    assert exponent.py_func(1e9) == exponent.py_func(700.0)

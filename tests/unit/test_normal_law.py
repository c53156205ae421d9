import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jaksim.normal_law import quantile, tail, tails

X = np.concatenate([np.linspace(-9.0, 30.0, 400), [math.inf, -math.inf]])


def test_tails_have_full_relative_precision():
    assert tails(X) == pytest.approx(ndtr(-X), rel=1e-13, abs=0.0)
    assert [tail(float(x)) for x in X] == tails(X).tolist()
    assert math.isnan(tail(math.nan))
    assert tails(np.zeros((2, 3))).shape == (2, 3)


def test_quantiles_have_full_relative_precision():
    probabilities = [1e-300, 1e-20, 1e-9, 0.02, 0.5, 0.8, 1.0 - 1e-9]
    assert [quantile(p) for p in probabilities] == pytest.approx(ndtri(probabilities), rel=1e-13)
    assert (quantile(0.0), quantile(1.0)) == (-math.inf, math.inf)
    assert math.isnan(quantile(1.5))

import itertools

import numpy as np
import pytest

from jaksim.analysis.win.mann_whitney_variance import mann_whitney_variance
from jaksim.errors import InputError


def test_published_example():
    """cran/hce 3715993, tests/validate.R: 0.0041708562."""
    assert mann_whitney_variance([16, 5, 0, 1, 0], [4, 1, 5, 7, 2]) == pytest.approx(0.0041708562, abs=1e-9)
    assert mann_whitney_variance([0, 1, 0, 5, 16], [2, 7, 5, 1, 4]) == pytest.approx(0.0041708562, abs=1e-9)


def test_it_is_unbiased():
    """Expected estimate and true variance, both summed over all samples of three and two patients."""
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    first = second = expected = 0.0
    for active in itertools.product(range(3), repeat=3):
        for reference in itertools.product(range(3), repeat=2):
            chance = p[list(active)].prod() * q[list(reference)].prod()
            wins = np.mean([(a > r) + 0.5 * (a == r) for a in active for r in reference])
            first += chance * wins
            second += chance * wins**2
            counts = [np.bincount(one, minlength=3) for one in (active, reference)]
            expected += chance * mann_whitney_variance(*counts)
    assert expected == pytest.approx(second - first**2, abs=1e-12)


def test_one_patient_is_too_few():
    with pytest.raises(InputError, match="two patients"):
        mann_whitney_variance([1, 0], [3, 2])

"""Multi-arm multi-stage designs against the R package MAMS.

The numbers of Jaki, Pallmann and Magirr, J Stat Softw 2019;88(4), as in the tests of the package (cran/MAMS at 9b606ea,
inst/tests2/testthat/test-mams.R).
"""

import numpy as np
import pytest
from scipy.stats import norm

from jaksim.trial.adaptive.endings import ManyArms
from jaksim.trial.adaptive.many_arms import constant_of, power_of_best

# Expected differences of normal outcomes with variance 1, given as probabilities of a better outcome.
EFFECTS = np.sqrt(2.0) * norm.ppf([0.65, 0.55])
THREE = np.arange(1, 4) / 3


def triangular(information):
    return (1 + information) / np.sqrt(information), -((1 - 3 * information) / np.sqrt(information))[:-1]


def bounds(upper, lower, information, ratio=1.0):
    """Bounds of three arms at a familywise 5 %; the error counts on the lower ones."""
    constant = constant_of(upper, lower, information, 3, ratio, 0.05, lower_shape=lower)
    return constant * upper, constant * lower


def power(upper, lower, information, per_stage, ratio=1.0):
    """Of finding the best arm, with so many patients on control at each stage."""
    looks = len(information)
    effects = EFFECTS * np.sqrt(looks * per_stage * ratio / (1 + ratio))
    return power_of_best(upper, lower, information, tuple(effects.tolist()), 3, ratio)


def test_one_stage():
    """m1: bound 2.062, 79 patients per arm."""
    upper, lower = bounds(np.ones(1), np.empty(0), np.ones(1))
    assert upper == pytest.approx(2.062, abs=5e-4)
    assert power(upper, lower, np.ones(1), 78) < 0.9 <= power(upper, lower, np.ones(1), 79)


def test_two_stages_with_twice_as_many_on_control():
    """m2: triangular bounds, 76 patients on control and 38 on an arm at each stage."""
    information = np.array([0.5, 1.0])
    upper, lower = bounds(*triangular(information), information, ratio=0.5)
    np.testing.assert_allclose(upper, [2.359, 2.225], atol=1e-3)
    np.testing.assert_allclose(lower, [0.786], atol=1e-3)
    found = [power(upper, lower, information, n, ratio=0.5) for n in (74, 76)]
    assert found[0] < 0.9 <= found[1]
    null = ManyArms(tuple(upper), tuple(lower), (0.5, 1.0), 0.5).endings(np.zeros((3, 2)), first_success=True)
    assert null.efficacy.sum() == pytest.approx(0.05, abs=1e-6)


def test_three_stages_with_a_shape_of_the_user():
    """m3: upper bounds 3 : 2 : 1, futility at 0, 27 patients per arm and stage."""
    shape = np.array([3.0, 2.0, 1.0])
    upper = constant_of(shape, [0.0, 0.0], THREE, 3, 1.0, 0.05) * shape
    np.testing.assert_allclose(upper, [6.125, 4.084, 2.042], rtol=1e-3)
    found = [power(upper, [0.0, 0.0], THREE, n) for n in (26, 27)]
    assert found[0] < 0.9 <= found[1]


@pytest.mark.parametrize(
    ("upper", "lower", "patients"),
    [
        pytest.param(np.ones(3), -np.ones(2), 396, marks=pytest.mark.verify),
        pytest.param(1 / np.sqrt(THREE), -1 / np.sqrt(THREE[:2]), 336, marks=pytest.mark.verify),
        (*triangular(THREE), 408),
    ],
    ids=["pocock", "obrien-fleming", "triangular"],
)
def test_patients_of_three_stages(upper, lower, patients):
    """Table 1: all patients of four arms over three stages."""
    high, low = bounds(upper, lower, THREE)
    n = patients // 12
    assert power(high, low, THREE, n - 1) < 0.9 <= power(high, low, THREE, n)

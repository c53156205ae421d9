import math

import numpy as np
import pytest

from jaksim.formulas.hazards import ChangedHazard, WeibullHazard, cumulative, times_ratio
from jaksim.piecewise import PiecewiseConstant

TIMES = np.array([0.0, 0.5, 2.0, 3.5, 9.0])
WEIBULL = WeibullHazard(0.2, 1.7)


def test_a_weibull_hazard_integrates_to_its_survival():
    assert np.exp(-cumulative(WEIBULL, TIMES)) == pytest.approx(np.exp(-((0.2 * TIMES) ** 1.7)), rel=1e-14)
    fine = np.linspace(0.0, 9.0, 200_001)
    assert np.trapezoid(WEIBULL(fine), fine) == pytest.approx(float(cumulative(WEIBULL, np.array([9.0]))[0]), rel=1e-8)


def test_a_ratio_that_begins_late_leaves_what_was_before():
    late = times_ratio(WEIBULL, 0.5, delay=2.0)
    assert isinstance(late, ChangedHazard)
    whole, before = cumulative(WEIBULL, TIMES), float(cumulative(WEIBULL, np.array([2.0]))[0])
    expected = np.where(TIMES <= 2.0, whole, before + 0.5 * (whole - before))
    assert cumulative(late, TIMES) == pytest.approx(expected, rel=1e-13)
    assert late(1.0) == WEIBULL(1.0)
    assert late(3.0) == pytest.approx(0.5 * WEIBULL(3.0))
    assert cumulative(times_ratio(late, 3.0), TIMES) == pytest.approx(3.0 * expected, rel=1e-13)


@pytest.mark.parametrize("hazard", [PiecewiseConstant((2.0,), (0.1, 0.3)), WEIBULL, PiecewiseConstant.constant(0.2)])
def test_a_ratio_from_the_start_multiplies_the_whole(hazard):
    assert cumulative(times_ratio(hazard, 0.7), TIMES) == pytest.approx(0.7 * cumulative(hazard, TIMES), rel=1e-13)


def test_a_steps_ratio_keeps_the_steps():
    late = times_ratio(PiecewiseConstant((3.0,), (0.1, 0.2)), 0.5, delay=4.0)
    assert late == PiecewiseConstant((3.0, 4.0), (0.1, 0.2, 0.1))


def test_a_falling_weibull_hazard_has_corners_towards_zero():
    assert WeibullHazard(0.1, 0.6).cuts[0] < 1e-4
    assert WeibullHazard(0.1, 2.0).cuts == ()
    assert math.isclose(WeibullHazard(0.1, 1.0)(5.0), 0.1)

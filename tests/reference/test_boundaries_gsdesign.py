"""Designs with lower bounds as gsDesign prints them.

keaven/gsDesign at 2a568884, tests/testthat/_snaps/independent-test-print.gsDesign.md.
"""

import math

import numpy as np
import pytest

from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import HwangShihDeCani

FIVE = (0.2, 0.4, 0.6, 0.8, 1.0)
UPPER, LOWER = HwangShihDeCani(-4.0), HwangShihDeCani(-2.0)
BETA = {"futility": LOWER}
NULL = {"harm": LOWER, "harm_alpha": 0.975}
# options, z lower, z upper, inflation, crossing of upper and lower bound under null and effect
TYPES = {
    3: (
        {**BETA, "binding": True},
        (-0.92, -0.07, 0.66, 1.32, 1.97),
        (3.25, 2.99, 2.69, 2.37, 1.97),
        1.069,
        ((0.0006, 0.0013, 0.0028, 0.0063, 0.0140), (0.0397, 0.1610, 0.2743, 0.2677, 0.1573)),
        ((0.1777, 0.3135, 0.2708, 0.1527, 0.0602), (0.0077, 0.0115, 0.0171, 0.0256, 0.0381)),
    ),
    4: (
        BETA,
        (-0.90, -0.04, 0.69, 1.36, 2.03),
        (3.25, 2.99, 2.69, 2.37, 2.03),
        None,
        ((0.0006, 0.0013, 0.0028, 0.0062, 0.0117), (0.0417, 0.1679, 0.2806, 0.2654, 0.1444)),
        ((0.1836, 0.3201, 0.2700, 0.1477, 0.0559), (0.0077, 0.0115, 0.0171, 0.0256, 0.0381)),
    ),
    5: (
        {**NULL, "binding": True},
        (-1.44, -0.98, -0.47, 0.21, 2.02),
        (3.25, 2.99, 2.69, 2.37, 2.02),
        1.026,
        ((0.0006, 0.0013, 0.0028, 0.0063, 0.0140), (0.0372, 0.1517, 0.2652, 0.2698, 0.1761)),
        ((0.0751, 0.1120, 0.1670, 0.2492, 0.3717), (0.0018, 0.0009, 0.0009, 0.0023, 0.0942)),
    ),
    6: (
        NULL,
        (-1.44, -0.98, -0.47, 0.21),
        (3.25, 2.99, 2.69, 2.37, 2.03),
        1.027,
        ((0.0006, 0.0013, 0.0028, 0.0063, 0.0140), (0.0372, 0.1519, 0.2654, 0.2697, 0.1757)),
        ((0.0751, 0.1120, 0.1671, 0.2492),),
    ),
}


@pytest.mark.parametrize("number", TYPES)
def test_lower_bounds_of_every_type(number):
    options, lower, upper, inflation, above, below = TYPES[number]
    found = boundaries_of(MonitoringPlan(information=FIVE, efficacy=UPPER, **options))
    assert found.lower_z[: len(lower)] == pytest.approx(lower, abs=0.0051)
    assert found.upper_z == pytest.approx(upper, abs=0.0051)
    if inflation is None:
        assert math.ceil(800 * found.inflation_factor) == 882
    else:
        assert found.inflation_factor == pytest.approx(inflation, abs=0.00051)
    crossing = found.crossing([0.0, found.drift])
    # Three of gsDesign's figures differ by one in the last digit through its own tolerance.
    assert crossing.upper == pytest.approx(np.array(above), abs=1.1e-4)
    # gsDesign raises the last lower bound that does not bind to the upper one.
    assert crossing.lower[: len(below), : len(below[0])] == pytest.approx(np.array(below), abs=1.1e-4)


def test_symmetric_bounds():
    """test.type = 2, alpha 0.025 on each side."""
    found = boundaries_of(MonitoringPlan(information=FIVE, efficacy=UPPER, alpha=0.05, sides=2))
    assert found.upper_z == pytest.approx([3.2527, 2.9860, 2.6917, 2.3737, 2.0253], abs=5.1e-5)
    assert found.inflation_factor * found.expected_information([0.0, found.drift]) == pytest.approx(
        [1.0160, 0.7366], abs=5.1e-5
    )

"""Tables of Jennison and Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials."""

import numpy as np
import pytest

from jaksim.trial.monitoring.boundary_families import HaybittlePeto, WangTsiatis
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import Power

LEVELS = (0.01, 0.05, 0.10)
# Table 2.1, C_P(K, alpha).
POCOCK = {
    2: (2.772, 2.178, 1.875),
    3: (2.873, 2.289, 1.992),
    4: (2.939, 2.361, 2.067),
    5: (2.986, 2.413, 2.122),
    6: (3.023, 2.453, 2.164),
    7: (3.053, 2.485, 2.197),
    8: (3.078, 2.512, 2.225),
    9: (3.099, 2.535, 2.249),
    10: (3.117, 2.555, 2.270),
    15: (3.182, 2.626, 2.344),
    20: (3.225, 2.672, 2.392),
}
# Table 2.3, C_B(K, alpha).
OBRIEN_FLEMING = {
    2: (2.580, 1.977, 1.678),
    3: (2.595, 2.004, 1.710),
    4: (2.609, 2.024, 1.733),
    5: (2.621, 2.040, 1.751),
    6: (2.631, 2.053, 1.765),
    7: (2.640, 2.063, 1.776),
    8: (2.648, 2.072, 1.786),
    9: (2.654, 2.080, 1.794),
    10: (2.660, 2.087, 1.801),
    20: (2.695, 2.126, 1.842),
}
# Tables 2.2 and 2.4, R_P and R_B(K, 0.05, beta) at beta = 0.2 and 0.1.
INFLATION = {
    (0.5, 2): (1.110, 1.100),
    (0.5, 3): (1.166, 1.151),
    (0.5, 4): (1.202, 1.183),
    (0.5, 5): (1.229, 1.207),
    (0.5, 10): (1.301, 1.271),
    (0.0, 2): (1.008, 1.007),
    (0.0, 3): (1.017, 1.016),
    (0.0, 4): (1.024, 1.022),
    (0.0, 5): (1.028, 1.026),
    (0.0, 10): (1.040, 1.037),
}
# Table 2.9, C_WT(K, 0.05, delta) at delta = 0.1, 0.25 and 0.4.
WANG_TSIATIS = {
    2: (1.994, 2.038, 2.111),
    3: (2.026, 2.083, 2.186),
    4: (2.050, 2.113, 2.233),
    5: (2.068, 2.136, 2.267),
}
DIGITS = 5.1e-4


def two_sided(looks, **keys):
    return boundaries_of(
        MonitoringPlan(information=tuple((k + 1) / looks for k in range(looks)), sides=2, **{"alpha": 0.05, **keys})
    )


@pytest.mark.parametrize(("delta", "table"), [(0.5, POCOCK), (0.0, OBRIEN_FLEMING)])
def test_constants_of_pocock_and_of_obrien_and_fleming(delta, table):
    for looks, printed in table.items():
        found = [two_sided(looks, alpha=alpha, efficacy=WangTsiatis(delta)).upper_z[-1] for alpha in LEVELS]
        assert found == pytest.approx(printed, abs=DIGITS), looks


def test_constants_of_wang_and_tsiatis():
    for looks, printed in WANG_TSIATIS.items():
        found = [two_sided(looks, efficacy=WangTsiatis(delta)).upper_z[-1] for delta in (0.1, 0.25, 0.4)]
        assert found == pytest.approx(printed, abs=DIGITS), looks


def test_inflation_factors():
    for (delta, looks), printed in INFLATION.items():
        found = [two_sided(looks, beta=beta, efficacy=WangTsiatis(delta)).inflation_factor for beta in (0.2, 0.1)]
        assert found == pytest.approx(printed, abs=DIGITS), (delta, looks)


def test_haybittle_and_peto():
    """Section 2.8: interim bounds of 3, critical value of the last of K = 2, 3, 4, 5 analyses at alpha 0.05."""
    found = [two_sided(looks, efficacy=HaybittlePeto(3.0)).upper_z[-1] for looks in (2, 3, 4, 5)]
    assert found == pytest.approx([1.967, 1.975, 1.983, 1.990], abs=DIGITS)


# Percent of the fixed sample, largest and expected at multiples of the effect,
# as keaven/gsDesign at 2a568884 transcribes them in tests/testthat/test-base.R, test.JT.*.
SIZES = [
    (4, WangTsiatis(0.5), 0.2, 120.2, (117.5, 108.8, 80.5, 52.2)),
    (15, WangTsiatis(0.5), 0.1, 130.5, (126.4, 111.2, 66.4, 35.4)),
    (3, Power(1.0), 0.2, 111.7, (109.9, 103.4, 81.2, 56.5)),
    (10, Power(2.0), 0.2, 108.1, (106.6, 99.7, 76.2, 51.0)),
    (5, WangTsiatis(0.0), 0.2, 102.8, (102.1,)),
    (20, WangTsiatis(0.0), 0.1, 104.5, (103.4,)),
]


@pytest.mark.parametrize(("looks", "efficacy", "beta", "largest", "expected"), SIZES)
def test_largest_and_expected_sample(looks, efficacy, beta, largest, expected):
    found = two_sided(looks, efficacy=efficacy, beta=beta)
    percent = 100.0 * found.inflation_factor
    assert percent == pytest.approx(largest, abs=0.051)
    drifts = found.drift * np.array([0.0, 0.5, 1.0, 1.5])[: len(expected)]
    assert percent * found.expected_information(drifts) == pytest.approx(expected, abs=0.051)


# One-sided power-family tests with binding futility; transcribed in test.JT.Power.type3.
FUTILITY = [
    (5, 2.0, 0.05, 110.1, (63.4, 80.3, 63.4)),
    (10, 3.0, 0.05, 106.9, (63.1, 79.5, 63.1)),
    (3, 2.0, 0.1, 107.2, (68.1, 83.9, 73.8)),
    (4, 3.0, 0.1, 104.0, (69.2, 84.2, 74.2)),
    (2, 2.0, 0.2, 104.3, (74.5, 87.8, 84.6)),
    (15, 3.0, 0.2, 106.9, (62.2, 77.3, 73.0)),
]


@pytest.mark.parametrize(("looks", "rho", "beta", "largest", "expected"), FUTILITY)
def test_one_sided_tests_with_futility(looks, rho, beta, largest, expected):
    plan = MonitoringPlan(
        information=tuple((k + 1) / looks for k in range(looks)),
        alpha=0.05,
        beta=beta,
        efficacy=Power(rho),
        futility=Power(rho),
        binding=True,
    )
    found = boundaries_of(plan)
    percent = 100.0 * found.inflation_factor
    assert percent == pytest.approx(largest, abs=0.051)
    assert percent * found.expected_information(found.drift * np.array([0.0, 0.5, 1.0])) == pytest.approx(
        expected, abs=0.051
    )

"""`jaksim.plan.survival` against numbers that other software prints."""

import math

import pytest

from jaksim import plan

ONE_SIDED = {"alpha": 0.025, "sides": 1}


@pytest.mark.parametrize(
    ("asked", "events", "patients"),
    [
        ({"accrual": 24, "follow_up": 12}, 86.3258, 119.8184),
        ({"accrual": 6, "follow_up": 12}, 86.8217, 137.2033),
    ],
)
def test_lachin_and_foulkes_as_gsdesign(asked, events, patients):
    """gsDesign, man/nSurv: lambdaC = log(2) / 6, hr = .5, eta = log(2) / 40."""
    (found,) = plan.survival(
        control_median=6,
        hazard_ratio=0.5,
        dropout_hazard=[math.log(2.0) / 40.0],
        formula="lachin_foulkes",
        power=0.9,
        **asked,
        **ONE_SIDED,
    ).designs
    assert found.exact_size == pytest.approx(patients, abs=5e-5)
    assert found.exact_facts["events"] == pytest.approx(events, abs=5e-5)


def test_lachin_and_foulkes_with_few_patients():
    """keaven.github.io/gsSurv, nsurv-examples 3.2."""
    (found,) = plan.survival(
        control_median=20, hazard_ratio=0.5, accrual=20, follow_up=10, formula="lachin_foulkes", power=0.9, **ONE_SIDED
    ).designs
    assert found.exact_size == pytest.approx(227.6, abs=0.05)
    assert found.exact_facts["events"] == pytest.approx(88.7, abs=0.05)


def test_schoenfeld_as_east():
    """East 6.5 in keaven/gsDesign, tests/testthat/test-independent-test-nSurv.R."""
    (found,) = plan.survival(
        control_median=10, hazard_ratio=0.5, accrual_rates=[4], accrual=12, follow_up=30, patients=48, **ONE_SIDED
    ).designs
    assert found.power == pytest.approx(0.58120457, abs=2e-8)
    assert found.facts["events"] == pytest.approx(39.02121789, abs=2e-8)


def test_freedman_and_hsieh_as_rpact():
    """cran/rpact 9152d2e, test-f_design_sample_size_calculator.R: with equal arms both forms are one."""
    sizes = [
        plan.survival(hazard_ratio=0.7, control_median=12, power=0.8, formula=name, **ONE_SIDED).designs[0].exact_size
        for name in ("freedman", "hsieh_freedman")
    ]
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-12)
    quantiles = 1.959963984540054 + 0.8416212335729143
    assert sizes[0] == pytest.approx((quantiles * 1.7 / 0.3) ** 2, rel=1e-10)


@pytest.mark.parametrize(
    ("test", "power"),
    [
        ({"formula": "lakatos"}, 0.2366524),
        ({"test": "gehan"}, 0.2210357),
        ({"test": "milestone:12"}, 0.2050328),
        ({"test": "rmst_ratio:12"}, 0.1823979),
    ],
)
def test_four_tests_as_npsurvss(test, power):
    """cran/npsurvSS e651f69, inst/doc/basic_functionalities.html."""
    (found,) = plan.survival(
        control_median=12,
        active_median=15,
        accrual=6,
        follow_up=12,
        dropout_hazard=[math.log(2.0) / 120.0],
        patients=240,
        **test,
        **ONE_SIDED,
    ).designs
    assert found.power == pytest.approx(power, abs=2e-6)

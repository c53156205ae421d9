"""Two means by the exact law of their t tests."""

import math

import pytest

from jaksim import plan
from jaksim.errors import InputError


@pytest.mark.parametrize(
    ("asked", "name", "wanted"),
    [
        # R: power.t.test(power = .8, delta = .5, sd = 1); n is of one group.
        ({"difference": 0.5, "sd": 1, "power": 0.8}, "exact_size", 2 * 63.76576371),
        # R: power.t.test(power = .9, delta = .3, sd = 1, alternative = "one.sided", sig.level = .025)
        ({"difference": 0.3, "sd": 1, "power": 0.9, "sides": 1}, "exact_size", 2 * 234.4628247),
        # R: power.t.test(n = 30, delta = .7, sd = 1.3, sig.level = .01)
        ({"difference": 0.7, "sd": 1.3, "patients": 60, "alpha": 0.01}, "power", 0.2912495078),
        # R: power.t.test(n = 20, delta = 1, sd = 1)
        ({"difference": -1, "sd": 1, "patients": 40}, "power", 0.8689528),
    ],
)
def test_as_power_t_test(asked, name, wanted):
    assert getattr(plan.means(**asked).designs[0], name) == pytest.approx(wanted, rel=2e-7)


def test_equivalence_is_the_integral_over_the_estimated_standard_deviation():
    # R: integrate of pnorm(...) - pnorm(...) over the chi distribution (Owen), n = 30 and 12 a group.
    asked = {"hypothesis": "equivalence", "alpha": 0.05}
    wide = plan.means(**asked, margin=0.6, difference=0.1, sd=1, patients=60).designs[0]
    small = plan.means(**asked, margin=1.2, sd=1.1, patients=24).designs[0]
    assert (wide.power, small.power) == pytest.approx((0.4555493011, 0.6546968221), abs=1e-9)
    assert small.effect == 0.0


def test_a_margin_as_rpact_sizes_it():
    # rpact: getSampleSizeMeans(thetaH0 = -0.3, alternative = 0.05, stDev = 1.1, allocationRatioPlanned = 2), one-sided
    # 0.025, beta 0.1.
    asked = {"hypothesis": "non_inferiority", "margin": 0.3, "sd": 1.1, "allocation": "2:1", "power": 0.9}
    found = plan.means(**asked, difference=0.05).designs[0]
    assert found.exact_size == pytest.approx(468.973299, rel=1e-6)
    mirrored = plan.means(**asked, difference=-0.05, better="lower").designs[0]
    assert mirrored.size == found.size


def test_covariates_take_variance_and_degrees_of_freedom():
    plain = plan.means(difference=0.5, sd=1, power=0.9).designs[0]
    adjusted = plan.means(difference=0.5, sd=1, power=0.9, baseline_correlation=0.6).designs[0]
    assert adjusted.exact_size == pytest.approx(0.64 * plain.exact_size, rel=0.01)
    assert adjusted.facts["degrees_of_freedom"] == adjusted.size - 3
    strata = plan.means(difference=0.5, sd=1, power=0.9, strata=8, explained=0.36).designs[0]
    assert strata.facts["degrees_of_freedom"] == strata.size - 9
    assert strata.facts["variance_left_by_covariates"] == pytest.approx(0.64)


def test_unequal_standard_deviations_are_welchs_test():
    found = plan.means(difference=5, sd=3, active_sd=6, patients=32).designs[0]
    assert found.facts["method"] == "welch"
    assert found.beside[0].power == pytest.approx(found.power, abs=0.005)
    known = plan.means(difference=5, sd=3, active_sd=6, patients=32, method="z").designs[0]
    assert known.power > found.power


@pytest.mark.parametrize(
    "asked",
    [
        {"difference": 0.8, "sd": 1},
        {"difference": 6, "sd": 3, "active_sd": 9, "allocation": "1:2"},
        {"difference": 0.1, "sd": 1, "hypothesis": "equivalence", "margin": 0.9},
        {"difference": -0.9, "sd": 1, "looks": 3, "futility": "hsd:-2", "better": "lower", "sides": 1},
    ],
)
def test_simulated_trials_agree_and_effect_and_size_lead_back(asked):
    design = plan.means(**asked, power=0.8, simulate=True, replicates=2500).designs[0]
    assert design.simulated.power == pytest.approx(design.power, abs=4.5 * design.simulated.mc_se)
    rest = {key: value for key, value in asked.items() if key != "difference"}
    power = 0.8 if "looks" in asked else design.power
    again = plan.means(**rest, patients=design.size, power=power).designs[0]
    assert abs(again.effect) == pytest.approx(abs(asked["difference"]), rel=0.02)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"sd": None}, "sd: is needed"),
        ({"sd": 0}, "sd: is no standard deviation"),
        ({"sd": -1}, "sd: is no standard deviation"),
        ({"sd": math.inf}, "sd"),
        ({"active_sd": 0}, "active_sd: is no standard deviation"),
        ({"active_sd": 2, "method": "t"}, "method: the t test has one standard deviation"),
        ({"method": "ttest"}, "method: unknown method"),
        ({"better": "up"}, "better: unknown side"),
        ({"difference": 0}, "difference.*other than 0"),
        ({"difference": "a"}, "difference"),
        ({"baseline_correlation": 1}, "baseline_correlation: out of range"),
        ({"baseline_correlation": 60}, "baseline_correlation: out of range"),
        ({"explained": -0.1}, "explained: out of range"),
        ({"explained": 1}, "explained: out of range"),
        ({"strata": 0}, "strata: is no number of strata"),
        ({"margin": 0.3}, "margin"),
        ({"margin": -0.3, "hypothesis": "non_inferiority"}, "margin: is no margin"),
        ({"margin": 0.3, "hypothesis": "equivalence", "difference": 0.4}, "difference.*between -0.3 and 0.3"),
        ({"margin": 0.3, "hypothesis": "non_inferiority", "difference": -0.4}, "difference.*above -0.3"),
        ({"patients": 100}, "nothing is left"),
        ({"power": 80}, "power: out of range"),
        ({"write": "x.toml"}, "write: a normal outcome has no scenario"),
        ({"sides": 3}, "sides"),
        ({"alpha": 5}, "alpha: out of range"),
        ({"allocation": "2:0"}, "allocation"),
    ],
)
def test_bad_input_is_one_message(asked, message):
    given = {"difference": 0.5, "sd": 1, "power": 0.8} | asked
    with pytest.raises(InputError, match=message):
        plan.means(**{key: value for key, value in given.items() if value is not None})

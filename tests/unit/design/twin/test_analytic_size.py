from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.analysis import get_method
from jaksim.design.engine.cells import Cells
from jaksim.design.shoot_out import shoot_out_trial
from jaksim.design.twin.analytic import LargeSample, analysis_input, large_sample
from jaksim.design.twin.analytic_size import STARTS, patients_needed
from jaksim.design.twin.doubt import _doubted_law, doubted_law
from jaksim.scenario import load_scenario

TRIAL = shoot_out_trial(load_scenario(Path(__file__).parents[3] / "scenarios" / "small.toml").trial)
CELLS = Cells(TRIAL)
CRITICAL = 1.959963984540054
QUICK = ("log_rank", "cox", "rmst_difference", "risk_ratio_mh", "exact_odds_ratio", "win_ratio", "proportional_odds")


def given_of(method):
    plan = next(plan for plan in TRIAL.analyses if plan.method == method)
    return analysis_input(CELLS, plan, get_method(method))


def searched(given, target, sign, multiple):
    """Bisection with the twin of every trial on the way."""

    def reaches(units):
        return large_sample(given, units * multiple).power(CRITICAL, 2, sign) >= target

    low, high = 0, 1
    while not reaches(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high * multiple


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("target", [0.8, 0.9])
def test_scaling_finds_what_a_search_finds(method, target):
    given = given_of(method)
    sign = given.method.benefit_sign(given.endpoint)
    assert patients_needed(given, target, CRITICAL, 2, sign, 2) == searched(given, target, sign, 2)


@pytest.mark.parametrize("method", QUICK)
def test_the_twin_the_search_starts_from_does_not_matter(method):
    given = given_of(method)
    sign = given.method.benefit_sign(given.endpoint)
    found = {
        patients_needed(given, 0.9, CRITICAL, 2, sign, 2, (n, large_sample(given, n))) for n in (300, 4_000, *STARTS)
    }
    assert len(found) == 1


@pytest.mark.parametrize("method", ["log_rank", "rmst_difference", "win_ratio", "risk_ratio_mh"])
def test_a_scaled_twin_is_that_of_the_larger_trial(method):
    given = given_of(method)
    scaled, whole = large_sample(given, 2_000).scaled(1.5), large_sample(given, 3_000)
    assert scaled.mean_z == pytest.approx(whole.mean_z, rel=2e-3)
    assert scaled.sd_z == pytest.approx(whole.sd_z, rel=2e-3)
    assert scaled.bias == pytest.approx(whole.bias, rel=0.05, abs=1e-4)


def test_a_tiny_effect_has_no_number_of_patients():
    given = given_of("log_rank")
    twin = large_sample(given, STARTS[0])
    nearly = type(twin)(1e-2, 1.0, 0.0)
    assert patients_needed(given, 0.9, CRITICAL, 2, 1, 2, (STARTS[0], nearly)) is None


@pytest.mark.parametrize("times", [1e-4, 0.3, 1.0, 17.0])
@pytest.mark.parametrize("upper", [None, LargeSample(-4.1, 1.1, -0.2, bias=0.05, short=0.1)])
@pytest.mark.parametrize("sides", [1, 2])
def test_the_power_of_a_scaled_twin_needs_no_twin(times, upper, sides):
    twin = LargeSample(2.3, 1.02, 0.3, upper=upper, bias=-0.04, short=0.02)
    assert twin.scaled_power(times, CRITICAL, sides, -1) == twin.scaled(times).power(CRITICAL, sides, -1)


def test_analyses_that_see_the_same_share_what_is_expected_of_them():
    """A level is no part of it; strata weights, allocation and options are."""
    other = Cells(TRIAL)
    other.share_laws(CELLS)
    plan = next(plan for plan in TRIAL.analyses if plan.method == "cox")
    method = get_method("cox")
    given = analysis_input(CELLS, plan, method)
    assert analysis_input(other, replace(plan, name="again", alpha=0.2), method) is given
    assert doubted_law(given, 1_000) is doubted_law(given, 1_000)
    assert doubted_law(given, 1_000) == _doubted_law(replace(given), 1_000)
    assert analysis_input(other, replace(plan, options={"ties": "breslow"}), method) is not given
    assert analysis_input(Cells(TRIAL), plan, method) is not given
    unlike = Cells(replace(TRIAL, population=replace(TRIAL.population, strata=_reweighed(TRIAL.population.strata))))
    assert unlike.has_laws_of(CELLS)
    unlike.share_laws(CELLS)
    assert analysis_input(unlike, plan, method) is not given


def _reweighed(strata):
    return tuple(replace(stratum, weight=weight) for stratum, weight in zip(strata, (0.3, 0.7), strict=True))

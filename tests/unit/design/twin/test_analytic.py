import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.analysis import get_method
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.design.twin.analytic_size import patients_needed
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
CRITICAL = stats.norm.ppf(0.975)


def analysis(name, *changes):
    trial = load_scenario(SMALL, changes=changes).trial
    plan = next(plan for plan in trial.analyses if plan.name == name)
    return analysis_input(Cells(trial), plan, get_method(plan.method))


def one_stratum():
    given = analysis("one-sided")
    return replace(given, laws=given.laws[:, :1], weights=np.array([1.0]), sizes=replace(given.sizes, drawn=False))


def test_two_proportions_have_the_textbook_power():
    given, n = one_stratum(), 20_000
    p0, p1 = given.laws[:, 0, given.endpoint.status == 1].ravel()
    mean = (p0 + p1) / 2
    pooled = math.sqrt(mean * (1 - mean) * 4 / n)
    unpooled = math.sqrt((p0 * (1 - p0) + p1 * (1 - p1)) * 2 / n)
    expected = stats.norm.cdf((p0 - p1 - CRITICAL * pooled) / unpooled)
    assert large_sample(given, n).power(CRITICAL, 1, -1) == pytest.approx(expected, abs=0.002)


def test_textbook_number_of_patients_for_two_proportions():
    given = one_stratum()
    p0, p1 = given.laws[:, 0, given.endpoint.status == 1].ravel()
    mean = (p0 + p1) / 2
    spread = CRITICAL * math.sqrt(2 * mean * (1 - mean)) + stats.norm.ppf(0.9) * math.sqrt(
        p0 * (1 - p0) + p1 * (1 - p1)
    )
    expected = 2 * (spread / (p0 - p1)) ** 2
    assert patients_needed(given, 0.9, CRITICAL, 1, -1, 2) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("name", ["log-rank", "cox", "odds", "death", "van elteren"])
def test_number_of_patients_is_the_first_multiple_that_reaches_the_power(name):
    given = analysis(name)
    sign = given.method.benefit_sign(given.endpoint)
    n = patients_needed(given, 0.9, CRITICAL, 2, sign, 2)
    assert n % 2 == 0
    assert large_sample(given, n).power(CRITICAL, 2, sign) >= 0.9
    assert large_sample(given, n - 2).power(CRITICAL, 2, sign) < 0.9


@pytest.mark.parametrize("name", ["log-rank", "cox", "odds", "death", "van elteren"])
def test_without_an_effect_z_is_standard_normal(name):
    given = analysis(name, "disease.treatments.drug.effect.0.hazard_ratio=1.0")
    twin = large_sample(given, 100_000)
    assert twin.mean_z == pytest.approx(0.0, abs=1e-5)
    # Model-based standard errors of the stratified odds ratio are a little off when the odds are not proportional.
    assert twin.sd_z == pytest.approx(1.0, abs=0.02 if name == "odds" else 0.002)
    assert patients_needed(given, 0.8, CRITICAL, 2, 1, 2) is None


def test_no_number_of_patients_proves_a_harmful_drug_better():
    given = analysis("death", "disease.treatments.drug.effect.0.hazard_ratio=0.5")
    assert patients_needed(given, 0.8, CRITICAL, 2, given.method.benefit_sign(given.endpoint), 2) is None


def test_random_stratum_sizes_add_variance():
    given = analysis("log-rank")
    fixed = large_sample(replace(given, sizes=replace(given.sizes, drawn=False)), 500).sd_z
    assert large_sample(given, 500).sd_z > fixed


def test_tables_evaluated_a_few_at_a_time_give_the_same_power(monkeypatch):
    given = analysis("one-sided")
    whole = large_sample(given, 400.0)
    monkeypatch.setattr("jaksim.design.twin.analytic._TABLES_AT_ONCE", 3)
    assert large_sample(given, 400.0) == whole


def test_a_table_of_very_many_cells_keeps_its_estimate_but_has_no_analytic_power(monkeypatch):
    given = analysis("one-sided")
    estimate = large_sample(given, 400.0).estimate
    monkeypatch.setattr("jaksim.design.twin.analytic.MOST_CELLS", 3)
    found = large_sample(given, 400.0)
    assert math.isnan(found.power(CRITICAL, 1, -1))
    assert found.estimate == estimate
    assert patients_needed(given, 0.9, CRITICAL, 1, -1, 2) is None


def test_a_method_that_is_not_smooth_has_no_large_sample_law():
    given = replace(one_stratum(), method=replace(get_method("risk_difference"), smooth=False))
    twin = large_sample(given, 1000)
    assert math.isnan(twin.mean_z)
    assert math.isnan(twin.sd_z)
    assert twin.estimate == pytest.approx(large_sample(one_stratum(), 1000).estimate, abs=1e-9)
    assert patients_needed(given, 0.9, CRITICAL, 1, -1, 2) is None
    assert not get_method("max_combo").smooth

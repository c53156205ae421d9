"""The scenarios about subgroups have the odds ratios of death that were published for them, exactly."""

import math
import tomllib
from pathlib import Path

import pytest

from jaksim.design.expected_estimates import expected_estimates
from jaksim.evidence import load_study
from jaksim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PUBLISHED = {
    ("immunosuppressed", "immunosuppressed"): "immunosuppressed",
    ("tocilizumab-no-dexamethasone", "tocilizumab only"): "tocilizumab_no_dexamethasone",
    ("early-late", "up to 5 days"): "onset_up_to_5_days",
    ("early-late", "5 to 10 days"): "onset_5_to_10_days",
    ("early-late", "more than 10 days"): "onset_over_10_days",
}


@pytest.fixture(scope="module")
def odds_ratios():
    found = {}
    for name in {scenario for scenario, _ in PUBLISHED}:
        trial = load_scenario(name).trial
        estimates = expected_estimates(trial, [trial.disease], 1_000_000)[0]
        for plan, estimate in zip(trial.analyses, estimates, strict=True):
            if plan.method == "odds_ratio_mh":
                found[name, *(plan.strata or ())] = math.exp(estimate)
    return found


@pytest.mark.parametrize(("scenario", "stratum"), PUBLISHED)
def test_a_stratum_has_the_published_odds_ratio(odds_ratios, scenario, stratum):
    record = load_study("jaki-ipdma")[f"mortality_odds_ratio_day28.{PUBLISHED[scenario, stratum]}"]
    assert odds_ratios[scenario, stratum] == pytest.approx(record.figure.estimate, rel=0.002)


def test_the_whole_lies_between_its_parts(odds_ratios):
    parts = [value for (name, *strata), value in odds_ratios.items() if name == "early-late" and strata]
    assert min(parts) < odds_ratios["early-late",] < max(parts)


def test_patients_with_the_inflammation_score_come_as_often_as_they_were_admitted():
    record = load_study("la-rosee-2020")["treated.all"].figure
    plan = tomllib.loads((SCENARIOS / "inflammation-score.toml").read_text("utf-8"))
    assert plan["accrual"]["rates"] == [pytest.approx(10 * record.count / record.n)]

"""The catalogue's trials against the pooled values that WHO REACT published of them.

WHO REACT Working Group, JAMA 2020;324:1330 (corticosteroids): 647 deaths among 1703 patients of seven trials, a
fixed-effect odds ratio of death by day 28 of 0.66 (0.53 to 0.82). RECOVERY, Lancet 2021;397:1637 (tocilizumab).
"""

import math

import pytest

from jaksim.evidence import load_study
from jaksim.evidence.figures import normal_quantile

CORTICOSTEROID = {
    "dexa-covid-19": "dexamethasone",
    "codex": "dexamethasone",
    "recovery-dexamethasone": "dexamethasone",
    "cape-covid": "hydrocortisone",
    "covid-steroid": "hydrocortisone",
    "remap-cap-hydrocortisone": "hydrocortisone",
    "steroids-sari": "methylprednisolone",
}


def deaths(study_id, subgroup, *arms):
    """(deaths, patients) of each arm by day 28."""
    study = load_study(study_id)
    figures = [study[f"deaths_day28.{subgroup}.{arm}"].figure for arm in arms]
    return [(figure.count, figure.n) for figure in figures]


def react(study_id, drug):
    """The patients that WHO REACT counted: of RECOVERY those who were ventilated."""
    if study_id == "recovery-dexamethasone":
        return deaths(study_id, "imv", drug, "usual_care")
    return deaths(study_id, "all", drug, "control")


def fixed_effect(tables):
    """Inverse-variance odds ratio with its 95% interval."""
    weights, products = 0.0, 0.0
    for (died, n), (died_control, n_control) in tables:
        cells = (died, n - died, died_control, n_control - died_control)
        weight = 1 / sum(1 / cell for cell in cells)
        weights += weight
        products += weight * math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    mean, half = products / weights, normal_quantile(0.95) / math.sqrt(weights)
    return tuple(math.exp(value) for value in (mean, mean - half, mean + half))


def test_the_seven_trials_of_corticosteroids_add_up_and_pool_as_published():
    tables = [react(study_id, drug) for study_id, drug in CORTICOSTEROID.items()]
    assert [tuple(map(sum, zip(*arm, strict=True))) for arm in zip(*tables, strict=True)] == [(222, 678), (425, 1025)]
    assert fixed_effect(tables) == pytest.approx((0.66, 0.53, 0.82), abs=0.005)


@pytest.mark.parametrize("study_id", [name for name in CORTICOSTEROID if name != "recovery-dexamethasone"])
def test_each_trial_has_the_odds_ratio_of_its_counts(study_id):
    drug = CORTICOSTEROID[study_id]
    figure = load_study(study_id)["mortality_odds_ratio_day28.all"].figure
    estimate, *interval = fixed_effect([react(study_id, drug)])
    assert figure.estimate == pytest.approx(estimate, abs=0.005)
    assert figure.interval == pytest.approx(interval, abs=0.005)


def test_deaths_by_respiratory_support_add_up_to_the_report_of_recovery_tocilizumab():
    arms = ("tocilizumab", "usual_care")
    strata = [deaths("recovery-tocilizumab", support, *arms) for support in ("low_flow", "niv_high_flow", "ventilated")]
    assert [tuple(map(sum, zip(*arm, strict=True))) for arm in zip(*strata, strict=True)] == [(621, 2022), (729, 2094)]

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


@pytest.mark.parametrize(
    ("drug", "published"), [("dexamethasone", (0.64, 0.50, 0.82)), ("hydrocortisone", (0.69, 0.43, 1.12))]
)
def test_the_trials_of_one_corticosteroid_pool_as_published(drug, published):
    tables = [react(study_id, given) for study_id, given in CORTICOSTEROID.items() if given == drug]
    assert len(tables) == 3
    assert fixed_effect(tables) == pytest.approx(published, abs=0.005)


def test_deaths_by_respiratory_support_add_up_to_the_report_of_recovery_tocilizumab():
    arms = ("tocilizumab", "usual_care")
    strata = [deaths("recovery-tocilizumab", support, *arms) for support in ("low_flow", "niv_high_flow", "ventilated")]
    assert [tuple(map(sum, zip(*arm, strict=True))) for arm in zip(*strata, strict=True)] == [(621, 2022), (729, 2094)]


@pytest.mark.parametrize("support", ["low_flow", "niv_high_flow", "ventilated"])
@pytest.mark.parametrize(("event", "ratio"), [("deaths", "mortality"), ("discharges", "discharge")])
def test_the_pooled_ratios_of_tocilizumab_are_those_of_the_trials(event, ratio, support):
    """By support the cells with and without corticosteroids are added, for RECOVERY too, whose report counts more."""
    pooled = load_study("react-tocilizumab")
    tables = []
    for study_id in str(pooled.design["trials"]).split(", "):
        study = load_study(study_id)
        control = next(arm for arm in ("control", "placebo", "usual_care") if arm in study.arms)
        table = [cell(study, f"{event}_day28.{support}", arm) for arm in ("tocilizumab", control)]
        (events, n), (events_control, n_control) = table
        if n and n_control and 0 < events + events_control < n + n_control:
            half = 0.5 if 0 in (events, n - events, events_control, n_control - events_control) else 0
            tables.append([(count + half, size + 2 * half) for count, size in table])
    figure = pooled[f"{ratio}_odds_ratio_day28.{support}"].figure
    assert fixed_effect(tables) == pytest.approx((figure.estimate, *figure.interval), abs=0.0006)


def cell(study, name, arm):
    """(events, patients) of an arm at a level of support, added over the use of corticosteroids."""
    records = [f"{name}.{use}.{arm}" for use in ("steroid", "no_steroid")]
    figures = [study[record].figure for record in records if record in study.records]
    return sum(figure.count for figure in figures), sum(figure.n for figure in figures)

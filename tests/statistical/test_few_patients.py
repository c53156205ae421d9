"""Conducted trials with few patients at an analysis: who says so, and which tests keep their level there."""

import math
from pathlib import Path

import pytest

import jaksim
from jaksim.design.prepared import Prepared
from jaksim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
ENRICHED = ("adaptation.kind=enrichment", "adaptation.subgroup=well, severe", "adaptation.complement_limit=0.3")
PERMUTATION = "options.distribution=permutation"
DESIGNS = {
    "enrichment": ("adaptable", ENRICHED, ("well", "well, severe")),
    "promising zone": ("adaptable", ("adaptation.kind=promising-zone", "adaptation.maximum={twice}"), ("well",)),
    "group sequential": ("interims", (), ("well",)),
    "multi-arm stages": ("arms", (), ("recovered, low dose", "recovered, high dose", "recovered, idle")),
    "dose selection": ("doses", (), ("recovered, low dose", "recovered, high dose", "recovered, idle")),
    "platform": ("platform", ("accrual.rates=[2.0]",), ("died, low dose", "died, high dose", "died, idle")),
    "blinded re-estimation": (
        "adaptable",
        (
            "adaptation.kind=blinded-reestimation",
            "adaptation.assumed=0.35",
            "adaptation.minimum={half}",
            "adaptation.maximum={twice}",
        ),
        ("well",),
    ),
}
LEVEL, REPLICATES = 0.025, 20_000
ERROR = math.sqrt(LEVEL * (1.0 - LEVEL) / REPLICATES)


def cautions(design, patients):
    name, own, decided = DESIGNS[design]
    changes = [one.format(twice=2 * patients, half=patients // 2) for one in own]
    trial = load_scenario(SCENARIOS / f"{name}.toml", changes=(*changes, f"population.patients={patients}")).trial
    made = Prepared(trial, 5).ready()
    return {test.plan.name: made.design.level_caution(test) for test in made.tests}, decided


@pytest.mark.parametrize("design", DESIGNS)
def test_every_conducted_design_says_where_few_patients_decide(design):
    few, decided = cautions(design, 200 if design == "platform" else 80)
    for name, said in few.items():
        assert ("are expected in an arm" in said) == (name in decided)
        assert ('options = { distribution = "permutation" }' in said) == (name in decided)


@pytest.mark.parametrize("design", [one for one in DESIGNS if one != "platform"])
def test_nothing_is_said_of_many_patients(design):
    many, _ = cautions(design, 4000)
    assert not any(many.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("analysis.well.method=wilcoxon",), "options"),
        (("analysis.well.method=odds_ratio_mh",), 'method = "risk_difference_mh" with options'),
        (("analysis.well.hypothesis=non-inferiority", "analysis.well.margin=-0.1"), "too seldom"),
        (("analysis.well.options.distribution=permutation",), ""),
        (("analysis.well.method=exact_odds_ratio",), ""),
    ],
)
def test_the_test_that_keeps_its_level_is_named(changes, said):
    trial = load_scenario(SCENARIOS / "interims.toml", changes=("population.patients=80", *changes)).trial
    made = Prepared(trial, 5).ready()
    found = made.design.level_caution(made.tests[0])
    assert found.endswith(said) if not said or said == "too seldom" else said in found


def test_rare_events_are_few_among_many_patients():
    changes = ("population.patients=600", "disease.natural_history.move.0.values=[0.0005]")
    made = Prepared(load_scenario(SCENARIOS / "interims.toml", changes=changes).trial, 5).ready()
    assert "patients with an event are expected in an arm" in made.design.level_caution(made.tests[0])


def level(design, few, options=()):
    """Familywise error where no drug does anything, and the report."""
    name, own, _ = DESIGNS[design]
    scenario = load_scenario(SCENARIOS / f"{name}.toml", changes=(*own, *few, *options))
    found = jaksim.power(scenario, replicates=REPLICATES, seed=11, null=True)
    return found.characteristics.any_rejection.share, found.report()


SMALL = {
    "enrichment": ("population.patients=160", "arm.drug.allocation=3", "randomisation.scheme=simple"),
    "group sequential": ("population.patients=80", "monitoring.spending=pocock"),
}


@pytest.mark.parametrize("design", SMALL)
def test_the_test_by_permutation_keeps_its_level(design):
    options = [f"analysis.{name}.{PERMUTATION}" for name in DESIGNS[design][2]]
    share, report = level(design, SMALL[design], options)
    assert 0.3 * LEVEL < share < LEVEL + 4.0 * ERROR
    assert "Few patients" not in report


@pytest.mark.parametrize(("design", "at_least"), [("enrichment", 0.1), ("group sequential", 0.028)])
def test_the_normal_one_does_not_and_the_report_says_so(design, at_least):
    share, report = level(design, SMALL[design])
    assert share > at_least
    assert "Few patients for [1]" in report

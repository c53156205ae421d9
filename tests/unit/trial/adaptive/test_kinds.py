"""What every kind of adaptive design has: its three rooms, and the tests that it can decide by."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import jaksim.trial.adaptive as rooms
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.adaptive.kinds import KINDS, module_of

SCENARIOS = Path(__file__).parents[3] / "scenarios"
for _module in iter_modules(rooms.__path__):
    import_module(f"{rooms.__name__}.{_module.name}")
RULES = {one.kind: one for one in Adaptation.__subclasses__()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_three_rooms(kind):
    assert issubclass(RULES[kind], Adaptation)
    assert callable(module_of("jaksim.scenario.adaptive", kind).read)
    assert callable(module_of("jaksim.design.conduct.adaptive", kind).design)


def test_there_are_no_rules_without_a_row_of_the_table():
    assert set(RULES) == set(KINDS)


ENRICHED = "adaptation={kind='enrichment', analysis='well', subgroup='well, severe'}"
PROMISING = "adaptation={kind='promising-zone', analysis='well', maximum=1000}"


def refusal(scenario, *changes):
    with pytest.raises(InputError) as caught:
        load_scenario(SCENARIOS / scenario, changes=changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("scenario", "kind", "changes"),
    [
        ("arms.toml", "multi-arm-multi-stage", ["analysis.recovered.sides=2"]),
        ("doses.toml", "dose-selection", ["analysis.recovered.sides=2"]),
        ("adaptable.toml", "enrichment", [ENRICHED, "analysis.0.sides=2"]),
        ("adaptable.toml", "promising-zone", [PROMISING, "analysis.0.sides=2"]),
    ],
)
def test_a_design_that_decides_for_a_benefit_refuses_two_sided_tests_and_says_why(scenario, kind, changes):
    message = refusal(scenario, *changes)
    assert RULES[kind].demands.one_sided in message
    assert "sides = 1" in message


@pytest.mark.parametrize(
    ("scenario", "kind", "changes", "analyses", "margin"),
    [
        ("bayesian.toml", "bayesian-stopping", ['adaptation.analyses=["well"]'], [1], -0.1),
        ("adaptive.toml", "response-adaptive", [], [0, 1], 0.5),
    ],
)
def test_a_design_about_benefits_refuses_margins_and_says_why(scenario, kind, changes, analyses, margin):
    wanted = ("hypothesis='non-inferiority'", f"margin={margin}")
    message = refusal(scenario, *changes, *(f"analysis.{n}.{one}" for n in analyses for one in wanted))
    assert RULES[kind].demands.superiority in message


@pytest.mark.parametrize("kind", ["enrichment", "promising-zone"])
def test_stages_refuse_equivalence_and_say_why(kind):
    rules = {"enrichment": ENRICHED, "promising-zone": PROMISING}[kind]
    equivalence = [f"analysis.{n}.{one}" for n in (0, 5) for one in ("hypothesis='equivalence'", "margin=0.2")]
    assert RULES[kind].demands.one_margin in refusal("adaptable.toml", rules, *equivalence)


def test_every_demand_is_a_reason():
    for kind, rules in RULES.items():
        reasons = (rules.demands.one_sided, rules.demands.one_margin, rules.demands.superiority)
        assert all(len(one.split()) > 5 for one in reasons if one), kind

"""Interactions that a pooled parameter set has estimated: beside effects of the same set alone."""

import json
from importlib.resources import files

import pytest

from jaksim import load_scenario
from jaksim.errors import InputError

BOTH = 'arm.baricitinib.regimen=["baricitinib","dexamethasone","remdesivir"]'


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """An own joint set that has estimated no interaction."""
    document = json.loads((files("jaksim.model") / "parameter_data" / "pooled.json").read_text())
    document["pooling"]["interaction"] |= {"classes": [], "with": "none", "estimate": {}, "sd": {}}
    document["pooling"]["interaction_draws"] = {}
    path = tmp_path_factory.mktemp("own") / "own.json"
    path.write_text(json.dumps(document))
    return path


def fault_of(*changes):
    with pytest.raises(InputError) as fault:
        load_scenario("actt4", changes=changes)
    return str(fault.value)


def test_it_is_counted_from_the_effects_of_its_own_set():
    scenario = load_scenario("actt4", changes=[BOTH])
    assert len(scenario.trial.disease.active_interactions(scenario.trial.arm("baricitinib").regimen)) == 3


@pytest.mark.parametrize(
    "effects",
    ["actt-2", "cov-barrier", "{drug_class='JAK inhibitor', effect=[{moves='death', log_hazard_ratio=-0.3}]}"],
)
def test_effects_from_elsewhere_may_hold_part_of_it(effects):
    said = fault_of(BOTH, f"disease.treatments.baricitinib={effects}")
    assert "disease.interaction.0.parameter_set: the interaction is counted from baricitinib with nobody on" in said
    assert 'disease.treatments.baricitinib = "pooled", or log_hazard_ratio and prior_sd instead' in said


def test_so_may_those_of_an_own_joint_set(own):
    assert "may hold part of it already" in fault_of(BOTH, f"disease.treatments.baricitinib={own}")


def test_where_no_arm_gives_both_it_counts_nothing_and_is_named_by_its_moves():
    scenario = load_scenario("actt4", changes=["disease.treatments.baricitinib=actt-2"])
    lines = [one.statement for one in scenario.assumptions if "no arm gives both; not used" in one.statement]
    assert len(set(lines)) == 3
    for line, kind in zip(lines, ("improvement", "deterioration", "death"), strict=True):
        assert kind in line


def test_a_set_without_an_interaction_is_told_in_full(own):
    said = fault_of(f"disease.interaction.0.parameter_set={own}")
    assert "the parameter set has no interaction" in said
    assert said.endswith("sets that pool many trials with one, such as pooled, or log_hazard_ratio and prior_sd")


def test_a_kind_of_effect_without_an_interaction_is_named(tmp_path):
    document = json.loads((files("jaksim.model") / "parameter_data" / "pooled.json").read_text())
    between = document["pooling"]["interaction"]
    between["estimate"]["JAK inhibitor"][2] = between["sd"]["JAK inhibitor"][2] = 0.0
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document))
    said = fault_of(f"disease.interaction.2.parameter_set={path}")
    assert "disease.interaction.2.moves: the parameter set has no interaction on death" in said
    assert said.endswith("allowed: moves of improvement or deterioration")
    load_scenario("actt4", changes=[f"disease.interaction.0.parameter_set={path}"])

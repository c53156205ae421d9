"""Principal strata of patients who would be rescued under one regimen, both or neither."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.expected.turns import turn_shares
from jaksim.design.patients.counterfactual import simulate_worlds
from jaksim.scenario import load_scenario

RESCUED = Path(__file__).parents[3] / "scenarios" / "rescued.toml"


@pytest.fixture(scope="module")
def worlds():
    return simulate_worlds(load_scenario(RESCUED, changes=["population.patients=4000"]).trial, seed=3, replicate=0)


def test_shares_add_up_to_the_exact_risks_and_lie_in_their_bounds(worlds):
    strata = {one.stratum: one for one in worlds.principal_strata() if one.event == "rescue"}
    assert list(strata) == ["neither", "control", "drug", "both"]
    assert math.fsum(one.share for one in strata.values()) == pytest.approx(1.0)
    for arm, cells in zip(worlds.arms, worlds.cells, strict=True):
        exact = turn_shares(cells)[0].share[-1]
        found = strata[arm].share + strata["both"].share
        assert abs(found - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / 4000)
        assert strata[arm].lowest <= exact <= strata[arm].highest + strata["both"].highest
    for one in strata.values():
        assert one.lowest - 4.0 * one.mc_se < one.share < one.highest + 4.0 * one.mc_se
        assert one.lowest < one.highest


def test_effects_in_the_strata_average_to_that_of_all(worlds):
    overall = {one.endpoint: one.difference for one in worlds.effects()}
    for event in ("rescue", "death"):
        strata = [one for one in worlds.principal_strata() if one.event == event]
        for number, name in enumerate(overall):
            parts = [one.share * one.effects[number].difference for one in strata if one.share > 0.0]
            assert math.fsum(parts) == pytest.approx(overall[name], abs=1e-12)


def test_who_dies_under_one_regimen_alone_has_that_difference(worlds):
    by_stratum = {one.stratum: one.effects[2] for one in worlds.principal_strata() if one.event == "death"}
    assert [by_stratum[name].difference for name in ("neither", "control", "drug", "both")] == [0.0, -1.0, 1.0, 0.0]
    assert by_stratum["control"].mc_se == 0.0


def test_under_the_null_the_same_patients_are_rescued_in_both_worlds(worlds):
    null = worlds.patients[0].trial.under_null()
    strata = {one.stratum: one for one in simulate_worlds(null, seed=3, replicate=0).principal_strata()[:4]}
    assert strata["control"].share == strata["drug"].share == 0.0
    assert strata["both"].share > 0.1
    assert math.isnan(strata["drug"].effects[0].mc_se)


def test_strata_without_changes_of_treatment_are_not_told_of():
    trial = load_scenario(RESCUED, changes=["population.patients=50", "rescue=[]"]).trial
    assert simulate_worlds(trial, seed=3, replicate=0).principal_strata() == ()


def test_a_world_has_the_rules_of_its_arm():
    only = 'rescue=[{ treatments = ["open"], arms = ["control"], per_day = 0.5 }]'
    found = simulate_worlds(load_scenario(RESCUED, changes=[only]).trial, seed=3, replicate=0)
    rescued = [np.count_nonzero(patients.changed["rescue"]) for patients in found.patients]
    assert rescued[0] > 100
    assert rescued[1] == 0

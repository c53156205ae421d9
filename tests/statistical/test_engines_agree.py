import math
from pathlib import Path

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario

HERE = Path(__file__).parents[1]
SCENARIOS = HERE.parent / "scenarios"
REPLICATES = 6000
WORST_Z = 4.0


def agree(one, other):
    z = (one.power - other.power) / math.hypot(one.mc_se, other.mc_se)
    assert abs(z) < WORST_Z, (one.name, one.power, other.power)
    error = math.hypot(one.mean_estimate_mc_se, other.mean_estimate_mc_se)
    assert abs(one.mean_estimate - other.mean_estimate) < WORST_Z * error, (one.name, one.mean_estimate)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (HERE / "scenarios" / "small.toml", ()),
        (HERE / "scenarios" / "small.toml", ("population.stratum_sizes=fixed", "arm.drug.allocation=2")),
        (SCENARIOS / "actt2.toml", ()),
        (SCENARIOS / "actt4.toml", ()),
    ],
)
def test_law_and_path_engine_agree(path, changes):
    trial = load_scenario(path, changes=changes).trial
    law = trial_power(trial, Settings(replicates=REPLICATES, seed=11, engine="law"))
    path = trial_power(trial, Settings(replicates=REPLICATES // 2, seed=12, engine="path"))
    for one, other in zip(law.analyses, path.analyses, strict=True):
        agree(one, other)
    error = math.hypot(*(math.sqrt(0.25 / result.replicates) for result in (law, path)))
    assert abs(law.any_rejection - path.any_rejection) < WORST_Z * error


@pytest.mark.parametrize("name", ["actt2", "actt4"])
def test_simulated_power_agrees_with_the_large_sample_twin(name):
    result = trial_power(load_scenario(SCENARIOS / f"{name}.toml").trial, Settings(replicates=20_000, seed=13))
    for one in result.analyses:
        # The twin is an approximation: half a percentage point is granted on top of the Monte Carlo error.
        assert abs(one.power - one.analytic_power) < WORST_Z * one.mc_se + 0.005, (one.name, one.analytic_power)
        assert one.mean_standard_error == pytest.approx(one.sd_estimate, rel=0.05)


@pytest.mark.parametrize("name", ["actt2", "actt4"])
def test_type_one_error_of_every_test_is_near_its_level(name):
    trial = load_scenario(SCENARIOS / f"{name}.toml").trial
    result = trial_power(trial, Settings(replicates=40_000, seed=14), null=True)
    for one in result.analyses:
        assert 0.047 - WORST_Z * one.mc_se / 2 < one.power < 0.053 + WORST_Z * one.mc_se / 2, one.name


def test_one_sided_tests_reject_only_in_the_favourable_direction():
    changes = ("disease.treatments.drug.effect.0.hazard_ratio=0.6",)
    trial = load_scenario(HERE / "scenarios" / "small.toml", changes=changes).trial
    result = trial_power(trial, Settings(replicates=4000, seed=15))
    one_sided = next(one for one in result.analyses if one.sides == 1)
    assert one_sided.power < 0.025
    assert one_sided.favourable == one_sided.power
    harmful = next(one for one in result.analyses if one.name == "log-rank")
    assert harmful.power > 0.3
    assert harmful.favourable < 0.01

from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"


@pytest.fixture(scope="module")
def trial():
    return load_scenario(SMALL).trial


def outcome(trial, **settings):
    return replace(trial_power(trial, Settings(**settings)), elapsed_seconds=0.0)


@pytest.mark.parametrize("engine", ["law", "path"])
def test_workers_and_blocks_do_not_change_the_result(trial, engine):
    settings = {"replicates": 700, "seed": 5, "engine": engine}
    one = outcome(trial, workers=1, **settings)
    assert outcome(trial, workers=2, block=64, **settings) == one
    assert outcome(trial, workers=3, block=699, **settings) == one


def test_seeds_give_different_replicates(trial):
    assert outcome(trial, replicates=500, seed=1).analyses != outcome(trial, replicates=500, seed=2).analyses


def test_auto_is_the_law_engine(trial):
    assert outcome(trial, replicates=1).engine == "law"


def test_run_to_a_precision_stops_at_the_first_step_that_reaches_it(trial):
    reached = outcome(trial, until_se=0.004, seed=3)
    assert reached.replicates == 20_000
    assert max(one.mc_se for one in reached.analyses) <= 0.004
    before = outcome(trial, replicates=10_000, seed=3)
    assert max(one.mc_se for one in before.analyses) > 0.004
    assert reached.analyses == outcome(trial, replicates=20_000, seed=3).analyses


def test_null_gives_every_arm_the_reference_regimen(trial):
    result = trial_power(trial, Settings(replicates=2000, seed=4), null=True)
    for one in result.analyses:
        assert one.reference_value.value == pytest.approx(one.active_value.value)
        assert one.power < 0.08


def test_joint_rejections_are_bounded_by_each(trial):
    result = outcome(trial, replicates=2000)
    powers = [one.power for one in result.analyses]
    for i, row in enumerate(result.joint):
        assert row[i] == powers[i]
        assert all(row[j] <= min(powers[i], powers[j]) for j in range(len(row)))
    assert max(powers) <= result.any_rejection <= sum(powers)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"replicates": 0}, "replicates"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
        ({"until_se": 0.0}, "until_se"),
        ({"block": 0}, "block"),
    ],
)
def test_settings_out_of_range(settings, word):
    with pytest.raises(InputError, match=word):
        Settings(**settings)


def test_unknown_engine(trial):
    with pytest.raises(InputError, match="did you mean 'path'"):
        trial_power(trial, Settings(engine="paths"))

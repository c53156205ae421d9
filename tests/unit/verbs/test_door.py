"""Verbs whose trials go through one door: those of `conduct`, one by one, whatever is asked of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.patients.conducted_patients import one_replicate
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST, door_of

HERE = Path(__file__).parents[2] / "scenarios"
SITES, SMALL, DOSES = (str(HERE / f"{name}.toml") for name in ("sites", "small", "doses"))
SUPPLY = (
    'operations.supply={ product=[{ name="kit", made=400, shelf_life=60 }], '
    "kits={ drug={ kit=1 }, control={ kit=1 } }, dispensing=[0, 5], first=1, reorder=0, up_to=2, lead=8 }"
)
WARD = 'operations.ward=[{ name="beds", places=3, scores=[3], others=0.2, stay=6, rule="stay", worse=2.0 }]'
PLANS = {"supply": (SUPPLY,), "a ward": (WARD,), "both": (SUPPLY, WARD)}
FEW = {"replicates": 40, "seed": 3}


@pytest.fixture(scope="module", params=PLANS)
def plan(request):
    return PLANS[request.param]


@pytest.fixture(scope="module")
def power(plan):
    return jaksim.power(SITES, changes=plan, workers=1, **FEW)


def test_power_is_that_of_conduct_in_the_same_trials(plan, power):
    found = jaksim.conduct(SITES, changes=plan, workers=2, **FEW)
    assert found.door == EVENTS
    assert repr(found.power.analyses) == repr(power.analyses)
    assert found.power.characteristics == power.characteristics
    assert "--door events" in power.provenance["command"]
    assert not any("not in these figures" in one.statement for one in power.assumptions)
    assert any("SimPy" in one.statement for one in power.assumptions)


def test_neither_workers_nor_blocks_change_a_digit(plan, power):
    again = jaksim.power(SITES, changes=plan, workers=2, **FEW)
    assert repr(again.analyses) == repr(power.analyses)
    assert again.characteristics == power.characteristics
    trial = jaksim.load_scenario(SITES, changes=plan).trial
    prepared = Prepared(trial, 3, door=EVENTS)
    whole, parts = prepared.block(0, 9), [prepared.block(0, 4), prepared.block(4, 5)]
    for k in range(len(prepared.tests)):
        np.testing.assert_array_equal(whole.results[k], np.concatenate([part.results[k] for part in parts]))


def test_other_verbs_have_the_same_trials(plan, power, tmp_path):
    expected = [one.power for one in power.analyses]
    compared = jaksim.compare(SITES, SITES, changes=plan, **FEW)
    assert [one.power_first for one in compared.analyses] == expected
    assert [one.power_second for one in compared.analyses] == expected
    assert "--door events" in compared.provenance["command"]
    swept = jaksim.sweep(SITES, out=tmp_path / "s", vary=["analysis.0.alpha=0.05,0.2"], changes=plan, workers=2, **FEW)
    table = swept.to_pandas()
    assert table["power"][:2].tolist() == expected
    assert swept.left_out == ""
    one = jaksim.sweep(SITES, out=tmp_path / "t", vary=["analysis.0.alpha=0.05,0.2"], changes=plan, workers=1, **FEW)
    assert Path(one.results).read_bytes() == Path(swept.results).read_bytes()


def test_patients_are_those_of_the_replicate(plan):
    trial = jaksim.load_scenario(SITES, changes=plan).trial
    conducted = Prepared(trial, 3, "path", door=EVENTS).block(0, 6).conducted
    for replicate in (0, 5):
        patients, ending = one_replicate(trial, seed=3, replicate=replicate, door=EVENTS)
        assert len(patients) == conducted.enrolled[replicate].sum()
        assert (ending.look, ending.day) == (conducted.look[replicate] + 1, conducted.day[replicate])
        decided = ending.decided[0]
        assert decided.estimate == conducted.results[0, replicate, 0]


def test_both_doors_have_the_same_trials_where_nothing_is_shared():
    fast, events = (jaksim.power(SITES, engine="path", door=door, **FEW) for door in (FAST, EVENTS))
    assert repr(fast.analyses) == repr(events.analyses)
    assert fast.characteristics == events.characteristics
    for replicate in (1, 7):
        one, other = (jaksim.simulate_trial(SITES, replicate=replicate, seed=3, door=door) for door in (FAST, EVENTS))
        assert one.ending == other.ending
        columns, others = one.columns(), other.columns()
        for name, values in columns.items():
            assert values.tolist() == others[name].tolist(), name


def test_what_is_shared_counts():
    lacking = jaksim.power(SITES, changes=[SUPPLY], **FEW)
    plenty = jaksim.power(SITES, changes=[SUPPLY.replace("up_to=2", "up_to=60").replace("first=1", "first=60")], **FEW)
    assert plenty.characteristics.patients.mean > lacking.characteristics.patients.mean + 20


def test_a_prediction_of_a_plan_with_supply():
    found = jaksim.predict(SITES, draws=20, replicates=10, seed=3, changes=[SUPPLY])
    fast = jaksim.predict(SITES, draws=20, replicates=10, seed=3, changes=[SUPPLY], door="fast")
    assert found.conduct.patients.mean < fast.conduct.patients.mean - 20
    assert "--door events" in found.provenance["command"]
    assert "--door fast" in fast.provenance["command"]


def test_a_size_is_sought_through_the_door():
    plenty = SUPPLY.replace("up_to=2", "up_to=60").replace("first=1", "first=60").replace("made=400", "made=9000")
    long = ["operations.until=3000", plenty.replace("shelf_life=60", "shelf_life=3000")]
    found = jaksim.size(SITES, power=0.4, replicates=60, seed=3, changes=long)
    assert "--door events" in found.provenance["command"]
    step = found.steps[-1]
    again = jaksim.power(SITES, replicates=step.replicates, seed=3, door=EVENTS, changes=[*long, *_sized(step)])
    assert again.analyses[0].favourable == step.power


def _sized(step):
    return [f"population.patients={step.n_patients}"]


def test_the_door_of_several_trials():
    shared, plain, adaptive, without = (
        jaksim.load_scenario(SITES, changes=[SUPPLY]).trial,
        jaksim.load_scenario(SITES).trial,
        jaksim.load_scenario(DOSES).trial,
        jaksim.load_scenario(SMALL).trial,
    )
    assert door_of("auto", [shared]) == EVENTS
    assert door_of("auto", [plain]) == FAST
    assert door_of("auto", [plain, shared]) == EVENTS
    assert door_of("auto", [without, shared]) == EVENTS
    assert door_of("auto", [adaptive, without]) == FAST
    assert door_of("fast", [shared]) == FAST
    assert door_of("events", [plain]) == EVENTS


@pytest.mark.parametrize(
    ("scenario", "options", "said"),
    [
        (SITES, {"door": "evnts"}, "did you mean 'events'"),
        (SITES, {"door": "exact"}, "auto, fast, events"),
        (SMALL, {"door": "events"}, "nothing says how the trial is run"),
        (SITES, {"door": "events", "engine": "law"}, "simulated one by one"),
        (SITES, {"door": 3}, "must be text"),
    ],
)
def test_doors_that_are_refused(scenario, options, said, tmp_path):
    for verb in (jaksim.power, jaksim.size, lambda path, **more: jaksim.compare(path, path, **more)):
        with pytest.raises(InputError, match=said):
            verb(scenario, replicates=20, **options)
    with pytest.raises(InputError, match=said):
        jaksim.sweep(scenario, out=tmp_path / "s", replicates=20, **options)
    assert not (tmp_path / "s").exists()


def test_simpy_is_not_imported_where_the_fast_door_covers_the_plan():
    code = (
        f"import jaksim, sys; jaksim.power({SITES!r}, replicates=5); jaksim.power({SMALL!r}, replicates=5); "
        f"jaksim.compare({SITES!r}, {SITES!r}, replicates=5); assert 'simpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

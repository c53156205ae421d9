from dataclasses import replace

import pytest

from jaksim.design.sweep import plan as plans
from jaksim.design.sweep.plan import SweepDesign, SweepPlan, differences, refuse_changed
from jaksim.errors import InputError

DESIGN = SweepDesign(
    version="1",
    path="trial.toml",
    document={"population": {"patients": 100}, "arm": [{"name": "drug", "allocation": 1}]},
    files={"scale x": "12"},
    keys=("population.patients",),
    points=((100,), (200,), (300,)),
    seed=1,
    engine="auto",
    null=False,
)


def covered(plan):
    found = {}
    for shard in plan.shards():
        for task in shard.tasks:
            assert task.values == plan.design.values(task.point)
            found.setdefault(task.point, []).extend(range(task.first, task.first + task.replicates))
    return found


@pytest.mark.parametrize("stages", [(1,), (70,), (100,), (250,), (50, 60, 400)])
@pytest.mark.parametrize("shards", [1, 2, 1000])
def test_shards_cover_every_replicate_of_every_point_once(monkeypatch, stages, shards):
    monkeypatch.setattr(plans, "BLOCK", 100)
    monkeypatch.setattr(plans, "SHARDS", shards)
    plan = SweepPlan(DESIGN, stages)
    assert covered(plan) == {point: list(range(stages[-1])) for point in range(3)}
    names = [shard.name for shard in plan.shards()]
    assert len(names) == len(set(names)) == plan.n_shards
    assert names == sorted(names)


def test_trials_by_events_are_in_smaller_tasks_and_leave_a_mark():
    by_events = replace(DESIGN, door="events")
    assert by_events.fingerprint != DESIGN.fingerprint
    assert differences(DESIGN, by_events) == ["door: fast -> events"]
    assert replace(DESIGN, door="fast").fingerprint == DESIGN.fingerprint
    plan = SweepPlan(by_events, (120,))
    assert covered(plan) == {point: list(range(120)) for point in range(3)}
    assert [task.replicates for shard in plan.shards() for task in shard.tasks if task.point == 0] == [50, 50, 20]


def test_growing_leaves_the_shards_there_are():
    plan = SweepPlan(DESIGN, (12_000,))
    assert list(plan.grown(500).shards())[: plan.n_shards] == list(plan.shards())
    assert plan.grown(500).stages == (12_000, 12_500)
    with pytest.raises(InputError, match="replicates"):
        plan.grown(0)


def test_the_place_of_the_scenario_does_not_matter_and_everything_else_does():
    assert replace(DESIGN, path="elsewhere.toml").fingerprint == DESIGN.fingerprint
    for change in (
        {"version": "2"},
        {"seed": 2},
        {"engine": "path"},
        {"null": True},
        {"points": ((100,), (200,), (301,))},
        {"files": {"scale x": "13"}},
        {"document": {**DESIGN.document, "population": {"patients": 101}}},
    ):
        assert replace(DESIGN, **change).fingerprint != DESIGN.fingerprint


def test_a_changed_design_is_refused_with_what_changed():
    other = replace(
        DESIGN,
        seed=2,
        points=((100,), (250,)),
        document={"population": {"patients": 100}, "arm": [{"name": "drug", "allocation": 2}]},
    )
    assert differences(DESIGN, other) == [
        "seed: 1 -> 2",
        "points: 3 -> 2",
        "scenario.arm.drug.allocation: 1 -> 2",
        "point 1.population.patients: 200 -> 250",
        "point 2.population.patients: 300 -> nothing",
    ]
    with pytest.raises(InputError, match="allocation: 1 -> 2"):
        refuse_changed(DESIGN, other, "there")
    refuse_changed(DESIGN, replace(DESIGN, path="x"), "there")


def test_plans_join_when_one_goes_on_the_other():
    short, long = SweepPlan(DESIGN, (10,)), SweepPlan(DESIGN, (10, 30))
    assert short.joined(long, "there") == long.joined(short, "there") == long
    with pytest.raises(InputError, match="other steps"):
        long.joined(SweepPlan(DESIGN, (10, 20)), "there")
    with pytest.raises(InputError, match="seed: 1 -> 2"):
        long.joined(SweepPlan(replace(DESIGN, seed=2), (10,)), "there")

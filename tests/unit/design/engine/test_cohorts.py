"""Patients' outcomes as the two doors draw them, against the exact law."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from jaksim.design.engine import cohorts
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.scenario import load_scenario
from jaksim.trial.accrual import Accrual

SCENARIOS = Path(__file__).parents[3] / "scenarios"
ACCRUAL = Accrual(PiecewiseConstant((), (5.0,)))


def engine_of(name, engine, seed=77, changes=()):
    trial = load_scenario(SCENARIOS / f"{name}.toml", changes=changes).trial
    watched = [endpoint.name for endpoint in trial.endpoints][:2]
    return make_cohorts(Cells(replace(trial, accrual=ACCRUAL)), seed, watched, engine)


def enrolled(engine, replicates, patients, first=0):
    cohort = engine.open_cohort(first, replicates, patients)
    engine.enrol(cohort, patients)
    return cohort


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize("name", ["interims", "small"])
def test_every_endpoint_has_its_exact_law_in_every_cell(name, engine):
    drawn = engine_of(name, engine)
    cohort = enrolled(drawn, 200, 1000)
    for number, endpoint in enumerate(drawn.cells.trial.endpoints):
        found = drawn.tables(cohort, number, np.iinfo(np.int32).max).sum(axis=0)
        # A complete cut knows the complete categories only.
        assert not found[:, endpoint.n_categories :].any()
        found = found[:, : endpoint.n_categories]
        expected = found.sum(axis=1, keepdims=True) * drawn.cells.marginal_laws[number]
        usual = expected > 5.0
        statistic = ((found - expected) ** 2)[usual] / expected[usual]
        assert chi2.sf(statistic.sum(), usual.sum() - len(found)) > 3e-5, endpoint.name


def test_a_path_has_one_fate_in_all_endpoints_and_at_all_cuts():
    engine = engine_of("interims", "path")
    cohort = enrolled(engine, 20, 300)
    recovery, well, death = (engine.watched[e] for e in range(3))
    event_day = recovery.endpoint.time[recovery.known[-1]][cohort.category[0]]
    event = recovery.endpoint.status[recovery.known[-1]][cohort.category[0]] == 1
    assert np.array_equal(event, well.endpoint.status[well.known[-1]][cohort.category[1]] == 1)
    assert not (event & (death.endpoint.status[cohort.category[2]] == 1)).any()
    for days in range(11):
        seen = recovery.endpoint.status[recovery.known[days]][cohort.category[0]] == 1
        assert np.array_equal(seen, event & (event_day <= days))


@pytest.mark.parametrize("engine", ["law", "path"])
def test_a_patient_is_the_same_in_any_block_and_keeps_the_fate_when_others_are_enrolled_again(engine):
    drawn = engine_of("interims", engine)
    together = enrolled(drawn, 5, 200, first=3)
    alone = enrolled(drawn, 1, 200, first=6)
    assert np.array_equal(alone.category[:, 0], together.category[:, 3])
    before = together.category.copy(), together.arm.copy()
    drawn.enrol(together, 200, first=120, weights=np.tile([0.0, 1.0], (5, 1)))
    assert np.array_equal(together.category[:, :, :120], before[0][:, :, :120])
    assert (together.arm[:, 120:] == 1).all()
    same = together.arm == before[1]
    assert np.array_equal(together.category[:, same], before[0][:, same])


def test_engines_are_chosen_by_name_and_by_size(monkeypatch):
    assert engine_of("interims", "auto").name == "law"
    monkeypatch.setattr(cohorts, "MOST_MEMORIES", 10)
    assert engine_of("interims", "auto").name == "path"
    with pytest.raises(InputError, match="too many memories"):
        engine_of("interims", "law")
    with pytest.raises(InputError, match="did you mean 'path'"):
        engine_of("interims", "pth")


@pytest.mark.parametrize("engine", ["law", "path"])
def test_fixed_strata_have_their_sizes_in_every_trial(engine):
    drawn = engine_of("interims", engine, changes=("population.stratum_sizes=fixed", "population.patients=403"))
    cohort = enrolled(drawn, 6, 403)
    assert {tuple(np.bincount(row)) for row in cohort.stratum} == {(242, 161)}


def test_both_engines_conduct_the_same_trial():
    trial = load_scenario(SCENARIOS / "interims.toml").trial
    law, path = (
        trial_power(trial, Settings(replicates=n, seed=seed, engine=engine))
        for n, seed, engine in ((6000, 41, "law"), (3000, 42, "path"))
    )
    for one, other in zip(law.analyses, path.analyses, strict=True):
        assert abs(one.power - other.power) < 4.0 * np.hypot(one.mc_se, other.mc_se)
        error = np.hypot(one.mean_estimate_mc_se, other.mean_estimate_mc_se)
        assert abs(one.mean_estimate - other.mean_estimate) < 4.0 * error
    for one, other in zip(law.characteristics.looks, path.characteristics.looks, strict=True):
        for reason, share in one.stopped.items():
            error = np.hypot(share.mc_se, other.stopped[reason].mc_se)
            assert abs(share.share - other.stopped[reason].share) <= 4.0 * error
    for name in ("patients", "duration", "deaths"):
        one, other = getattr(law.characteristics, name), getattr(path.characteristics, name)
        assert abs(one.mean - other.mean) < 4.0 * np.hypot(one.mc_se, other.mc_se)


@pytest.mark.parametrize("engine", ["law", "path"])
def test_complete_tables_of_all_endpoints_and_of_parts_are_those_of_each_by_itself(engine):
    drawn = engine_of("interims", engine)
    cohort = enrolled(drawn, 3, 200)
    numbers = list(range(len(drawn.cells.trial.endpoints)))[::-1]
    edges = np.array([[0, 50, 51, 200], [10, 10, 120, 170], [0, 1, 199, 200]])
    parts = drawn.complete_tables(cohort, numbers, first=edges[:, :-1], last=edges[:, 1:])
    some = drawn.complete_tables(cohort, numbers, first=edges[:, 0], last=edges[:, 2])
    everybody = np.iinfo(np.int32).max
    for number, by_part, found in zip(numbers, parts, some, strict=True):
        for k in range(3):
            expected = drawn.tables(cohort, number, everybody, first=edges[:, k], last=edges[:, k + 1])
            np.testing.assert_array_equal(by_part[:, k], expected)
        np.testing.assert_array_equal(
            found, drawn.tables(cohort, number, everybody, first=edges[:, 0], last=edges[:, 2])
        )
        np.testing.assert_array_equal(
            found.sum(axis=2), drawn.sizes(cohort, edges[:, 2]) - drawn.sizes(cohort, edges[:, 0])
        )


@pytest.mark.parametrize("engine", ["law", "path"])
def test_patients_who_are_enrolled_at_once_are_the_same(engine):
    drawn = engine_of("interims", engine)
    kept = enrolled(drawn, 3, 400)
    cohort = drawn.open_cohort(0, 3, 400, at_once=True)
    drawn.enrol(cohort, 400)
    for name in ("day", "stratum", "arm", "category"):
        np.testing.assert_array_equal(getattr(cohort, name), getattr(kept, name))
    if engine == "law":
        with pytest.raises(InputError, match="enrolled at once"):
            drawn.enrol(cohort, 400, first=np.full(3, 100))

"""Patients who come through sites, enrolled one by one: caps, blocks, balance, pauses, and lines of any length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.errors import InputError
from jaksim.trial.operations.data_flow import Board
from jaksim.trial.operations.day_law import fixed
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.randomisation import Randomisation
from tests.unit.design.operated import operated, plan_for, scenario_trial

SMALL = scenario_trial("tests/scenarios/interims").at_complete_data().with_patients(20)
CARRIED = ("day", "stratum", "arm", "number", "word", "site", "late", "exposure")
ARMS = len(SMALL.arms)
BLOCK = 2 * sum(arm.allocation for arm in SMALL.arms)
SCHEMES = {
    "permuted blocks": Randomisation("permuted blocks", BLOCK),
    "biased coin": Randomisation("biased coin", coin=1.0),
    "minimisation": Randomisation("minimisation", coin=1.0),
}


def engine_of(operations, scheme="permuted blocks", trial=SMALL, seed=5):
    return make_cohorts(Cells(operated(replace(trial, randomisation=SCHEMES[scheme]), operations)), seed, [], "law")


def enrolled(engine, patients, replicates=4, first=0, **how):
    cohort = engine.open_cohort(first, replicates, patients)
    engine.enrol(cohort, patients, **how)
    return cohort


def recruitment_of(*groups, cap=None, until=300):
    return Recruitment((Country("one", groups, cap=cap),), until=until)


def plan_with(recruitment, **more):
    return replace(plan_for(100), recruitment=recruitment, **more)


@pytest.mark.parametrize("capped", [False, True])
def test_a_line_does_not_depend_on_how_many_are_asked_for_or_on_the_block(capped):
    engine = engine_of(plan_for(100, capped=capped))
    long, short = engine.sites.line(2, 5, 150), engine.sites.line(4, 1, 40)
    for name in ("day", "site", "number"):
        assert np.array_equal(getattr(long, name)[2, :40], getattr(short, name)[0])
    pools = [engine.sites.recruiter.pool(0, 6, n, capped=capped) for n in (20, 90)]
    for b in range(6):
        few, many = ([getattr(p, name)[b, p.order[b, :20]] for name in ("ready", "site", "number")] for p in pools)
        assert all(np.array_equal(one, other) for one, other in zip(few, many, strict=True))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("within", [False, True])
def test_enrolling_in_parts_is_enrolling_at_once(scheme, within):
    engine = engine_of(plan_for(100, randomised_within_sites=within, capped=True), scheme)
    whole = enrolled(engine, 100)
    parts = engine.open_cohort(0, 4, 100)
    engine.enrol(parts, np.array([30, 1, 0, 77]), same_blocks=True)
    engine.enrol(parts, 90, same_blocks=True)
    engine.enrol(parts, 100, first=np.array([55, 90, 13, 80]), same_blocks=True)
    assert np.array_equal(whole.n, parts.n)
    for name in CARRIED:
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


def of_site_and_stratum(cohort, b):
    keys = cohort.site[b, : cohort.n[b]].astype(int) * 100 + cohort.stratum[b, : cohort.n[b]]
    return [cohort.arm[b, : cohort.n[b]][keys == key] for key in np.unique(keys)]


def test_every_site_and_stratum_has_blocks_of_its_own():
    engine = engine_of(plan_with(recruitment_of(SiteGroup("s", 3, 1.0)), randomised_within_sites=True))
    cohort = enrolled(engine, 200)
    allocation = np.array(engine.cells.allocation)
    for b in range(4):
        for arms in of_site_and_stratum(cohort, b):
            for start in range(0, len(arms) - BLOCK + 1, BLOCK):
                assert np.array_equal(np.bincount(arms[start : start + BLOCK], minlength=ARMS), 2 * allocation)


def test_a_sure_coin_keeps_every_site_and_stratum_level():
    engine = engine_of(plan_with(recruitment_of(SiteGroup("s", 5, 1.0)), randomised_within_sites=True), "biased coin")
    cohort = enrolled(engine, 150)
    for b in range(4):
        for arms in of_site_and_stratum(cohort, b):
            steps = np.cumsum(arms[:, None] == np.arange(ARMS), axis=0) / np.array(engine.cells.allocation)
            assert np.ptp(steps, axis=1).max() <= 1.0


def test_minimisation_counts_the_site_as_one_more_factor():
    engine = engine_of(plan_with(recruitment_of(SiteGroup("s", 4, 1.0)), randomised_within_sites=True), "minimisation")
    cohort, trial = enrolled(engine, 120), engine.cells.trial
    levels = trial.randomisation.levels(trial.population)
    weight = np.array(engine.cells.allocation, dtype=float)
    for b in range(4):
        for i in range(1, 120):
            mine, before = levels[cohort.stratum[b, i]], levels[cohort.stratum[b, :i]]
            score = np.zeros(ARMS)
            for f in range(levels.shape[1]):
                score += np.bincount(cohort.arm[b, :i][before[:, f] == mine[f]], minlength=ARMS) / weight
            score += np.bincount(cohort.arm[b, :i][cohort.site[b, :i] == cohort.site[b, i]], minlength=ARMS) / weight
            assert score[cohort.arm[b, i]] == score.min()


def test_caps_hold_and_let_in_whom_the_pool_lets_in():
    plan = plan_with(recruitment_of(SiteGroup("a", 4, 0.5, cap=9), SiteGroup("b", 6, 0.2), cap=80))
    engine = engine_of(plan)
    cohort = enrolled(engine, 120, replicates=6)
    pool = engine.sites.recruiter.pool(0, 6, 120)
    assert (cohort.n == 80).all()
    assert np.array_equal(cohort.n, pool.lined_up)
    assert (cohort.wanted == 120).all()
    for b in range(6):
        places = pool.order[b, :80]
        assert np.array_equal(cohort.site[b, :80], pool.site[b, places])
        assert np.array_equal(cohort.day[b, :80], np.floor(pool.ready[b, places]))
        assert np.bincount(cohort.site[b, :80], minlength=10)[:4].max() <= 9


def test_those_turned_away_take_no_place_under_a_cap():
    engine = engine_of(plan_with(recruitment_of(SiteGroup("a", 3, 1.0, cap=10))))
    strata = engine.shape[1]
    only = np.arange(strata) == strata - 1
    cohort = enrolled(engine, 30, recruiting=only)
    assert (cohort.n == 30).all()
    for b in range(4):
        assert (cohort.stratum[b] == strata - 1).all()
        assert (np.bincount(cohort.site[b]) == 10).all()


def test_who_comes_while_nobody_is_randomised_is_turned_away_and_later_ones_come():
    engine = engine_of(plan_for(100))
    cohort, before = enrolled(engine, 100), enrolled(engine, 100)
    day = before.day[:, 49].astype(np.int64)
    cohort.decision[:] = 7
    engine.pause(cohort, day, 100)
    line = engine.sites.line(0, 4, 400)
    for b in range(4):
        kept = int((before.day[b] <= day[b]).sum())
        found = cohort.day[b]
        assert np.array_equal(found[:kept], before.day[b, :kept])
        allowed = line.day[b, : line.count[b]]
        allowed = allowed[(allowed <= day[b]) | (allowed > day[b] + 7)]
        assert np.array_equal(found, allowed[:100])
        again = {int(number): int(word) for number, word in zip(before.number[b], before.word[b], strict=True)}
        assert all(again.get(int(n), int(w)) == w for n, w in zip(cohort.number[b], cohort.word[b], strict=True))


def test_blocks_go_on_after_a_pause():
    engine = engine_of(plan_with(recruitment_of(SiteGroup("s", 2, 1.0))))
    cohort = enrolled(engine, 100)
    cohort.decision[:] = 3
    engine.pause(cohort, cohort.day[:, 33].astype(np.int64), 100)
    allocation = np.array(engine.cells.allocation)
    for b in range(4):
        for s in range(engine.shape[1]):
            arms = cohort.arm[b][cohort.stratum[b] == s]
            for start in range(0, len(arms) - BLOCK + 1, BLOCK):
                assert np.array_equal(np.bincount(arms[start : start + BLOCK], minlength=ARMS), 2 * allocation)


def test_who_is_ready_after_the_last_day_of_screening_is_still_randomised():
    plan = plan_for(100)
    waiting = replace(plan.screening, delay=fixed(30))
    engine = engine_of(replace(plan, recruitment=recruitment_of(SiteGroup("s", 5, 2.0), until=40), screening=waiting))
    cohort = enrolled(engine, 500)
    for b in range(4):
        days = cohort.day[b, : cohort.n[b]]
        assert days.min() >= 30
        assert 65 <= days.max() <= 70


def test_a_cut_knows_of_each_patient_what_is_entered_by_then():
    trial = operated(SMALL, plan_for(100, days=30))
    engine = make_cohorts(Cells(trial), 5, [trial.endpoints[0].name], "law")
    cohort = enrolled(engine, 100)
    assert 4 < len(np.unique(cohort.late)) < 40
    watched = engine.watched[0]
    history = watched.part[cohort.category[watched.automaton]]
    horizon = len(watched.known) - 1
    arms, strata = engine.shape
    for look in (0, 15, 25, 40, 400):
        expected = np.zeros((4, arms * strata, watched.endpoint.n_categories))
        complete = np.zeros(4, dtype=int)
        for b in range(4):
            for i in range(100):
                if cohort.day[b, i] > look:
                    continue
                followed = look - int(cohort.day[b, i]) - int(cohort.late[b, i])
                cell = cohort.arm[b, i] * strata + cohort.stratum[b, i]
                expected[b, cell, watched.known[np.clip(followed, 0, horizon), history[b, i]]] += 1
                complete[b] += followed >= watched.complete_after[history[b, i]]
        assert np.array_equal(engine.tables(cohort, 0, look), expected)
        assert np.array_equal(engine.number_with(cohort, 0, "complete", look), complete)
    reached = engine.day_with(cohort, 0, "complete", 40)
    assert (engine.number_with(cohort, 0, "complete", reached) >= 40).all()
    assert (engine.number_with(cohort, 0, "complete", reached - 1) < 40).all()
    assert np.array_equal(
        engine.last_data(cohort, [1, 30, 100, 0]),
        [(cohort.day[b, :n].astype(int) + cohort.late[b, :n]).max(initial=0) for b, n in enumerate((1, 30, 100, 0))],
    )


def test_a_trial_that_nobody_comes_to_is_empty():
    plan = plan_with(recruitment_of(SiteGroup("s", 1, 50.0, shape=0.01), until=10))
    engine = engine_of(plan)
    cohort = enrolled(engine, 30, replicates=40)
    assert (cohort.n == 0).any()
    assert (cohort.n <= 30).all()
    assert (engine.sizes(cohort, cohort.n).sum(axis=1) == cohort.n).all()
    assert (engine.last_data(cohort, cohort.n)[cohort.n == 0] == 0).all()


def test_plans_that_cannot_be_kept_are_refused():
    adaptive = scenario_trial("tests/scenarios/arms")
    patients = adaptive.population.patients
    with pytest.raises(InputError, match="goes on recruiting"):
        operated(adaptive, plan_for(patients, board=Board(fixed(3), pause=True)))
    drawn = operated(SMALL, plan_for(SMALL.population.patients))
    fixed_sizes = replace(drawn.population, stratum_sizes="fixed")
    with pytest.raises(InputError, match="strata"):
        replace(drawn, population=fixed_sizes)

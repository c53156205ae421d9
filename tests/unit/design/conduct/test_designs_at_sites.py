"""Every design whose patients come through sites: full, not full, in any block, and paused by its board."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jaksim.design.conduct.calendar import NOT_FULL
from jaksim.design.patients.conducted_patients import one_replicate
from jaksim.design.power import trial_power
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.trial.operations.data_flow import Board, DataFlow
from jaksim.trial.operations.day_law import fixed
from tests.unit.design.operated import operated, plan_for, scenario_trial

DESIGNS = [
    *(f"tests/scenarios/{name}" for name in ("small", "interims", "arms", "doses", "platform", "bayesian", "adaptive")),
    *(f"scenarios/actt4-{name}" for name in ("promising-zone", "blinded-reestimation", "enrichment")),
]
REPLICATES = 12


@pytest.fixture(scope="module", params=DESIGNS)
def trial(request):
    return scenario_trial(request.param)


def conducted(trial, plan):
    design = Prepared(operated(trial, plan), 3, "law").design
    return design, *design.conduct(0, REPLICATES)


def same(whole, parts):
    for name, axis in (("rejected", 1), ("results", 1), ("look", 0), ("reason", 0), ("day", 0), ("enrolled", 0)):
        joined = np.concatenate([getattr(part, name) for part in parts], axis=axis)
        # A combined z of many trials at once may differ from that of fewer in its last bit.
        assert np.allclose(getattr(whole, name), joined, rtol=1e-14, atol=1e-14, equal_nan=True), name


@pytest.mark.parametrize("short", [False, True])
def test_designs_end_with_the_patients_they_have_in_any_block(trial, short):
    plan = plan_for(trial.population.patients, short=short, capped=True)
    design, found, cohort = conducted(trial, plan)
    same(found, [design.conduct(0, 5)[0], design.conduct(5, REPLICATES - 5)[0]])
    enrolled = found.enrolled.sum(axis=1)
    assert (enrolled <= cohort.n).all()
    assert (cohort.n <= np.maximum(cohort.wanted, enrolled)).all()
    for b, n in enumerate(cohort.n):
        assert (np.diff(cohort.day[b, :n]) >= 0).all()
        assert np.bincount(cohort.site[b, :n]).max() <= plan.recruitment.groups[0].cap
    not_full = (enrolled == cohort.n) & (cohort.n < cohort.wanted)
    assert not_full.any() if short else not not_full.any()
    assert (found.day >= 0).all()
    assert (found.day < 10_000).all()
    block = design.replicates(design.decides, 0, REPLICATES)
    assert np.array_equal(block.conducted.extras[NOT_FULL], not_full)


def test_a_longer_intake_waits_for_the_decision_and_keeps_the_days_of_the_sites():
    trial = scenario_trial("scenarios/actt4-promising-zone")
    plan = plan_for(trial.population.patients, board=Board(fixed(20), fixed(10)))
    design, _, cohort = conducted(trial, plan)
    planned = trial.population.patients
    larger = np.flatnonzero(cohort.n > planned)
    assert len(larger)
    line = design.engine.sites.line(0, REPLICATES, int(cohort.n.max()) + 1_000)
    day, _ = design._interim(cohort)
    for b in larger:
        added = cohort.day[b, planned : cohort.n[b]]
        assert added[0] > day[b] + 30
        assert np.isin(added, line.day[b]).all()


MONITORED = scenario_trial("tests/scenarios/interims")


def paused(pause, preparation=9):
    board = Board(fixed(preparation), fixed(5), pause)
    return conducted(MONITORED, plan_for(MONITORED.population.patients, board=board, days=60))


def test_nobody_is_randomised_while_the_board_of_a_paused_trial_decides():
    design, found, cohort = paused(True)
    other, without, _ = paused(False)
    days, engine = design.days(design.enrolled(0, REPLICATES)), design.engine
    assert np.array_equal(found.day, days[np.arange(REPLICATES), found.look])
    for b in range(REPLICATES):
        entered = cohort.day[b, : cohort.n[b]]
        for k in range(design.looks - 1):
            assert not ((entered > days[b, k]) & (entered <= days[b, k] + 14)).any()
    # The first analysis is that of the trial which is not paused; those who came meanwhile are not in its end.
    assert np.array_equal(days[:, 0], other.days(other.enrolled(0, REPLICATES))[:, 0])
    first = (found.look == 0) & (without.look == 0)
    assert np.array_equal(found.results[:, first], without.results[:, first])
    assert (found.enrolled.sum(axis=1) <= without.enrolled.sum(axis=1))[first].all()
    assert engine.sites.operations.board.pause
    same(found, [design.conduct(0, 7)[0], design.conduct(7, REPLICATES - 7)[0]])


def test_a_pause_without_delay_changes_nothing():
    board = Board(fixed(0), fixed(0), True)
    plan = plan_for(MONITORED.population.patients, board=board)
    _, found, _ = conducted(MONITORED, plan)
    _, without, _ = conducted(MONITORED, replace(plan, board=Board()))
    same(found, [without])


def test_data_of_a_replicate_are_known_as_late_as_each_patient_s():
    flow = DataFlow(entry=fixed(3), queried=0.5, query=fixed(4))
    trial = operated(MONITORED, plan_for(MONITORED.population.patients, days=60, data_flow=flow))
    endings = ((r, one_replicate(trial, seed=3, replicate=r)[1]) for r in range(100))
    early = next(r for r, ending in endings if ending.look < ending.looks)
    patients, ending = one_replicate(trial, seed=3, replicate=early, as_known=True)
    at_most = np.clip(ending.day - 3 - patients.entry_day, 0, trial.horizon)
    waited = at_most - patients.days_known
    assert ((waited >= 0) & (waited <= 4)).all()
    assert 0.2 < (waited[(at_most > 4) & (at_most < trial.horizon)] == 4).mean() < 0.8


def test_power_is_the_same_for_any_workers():
    trial = operated(MONITORED, plan_for(MONITORED.population.patients, short=True))
    one, two = (trial_power(trial, Settings(replicates=600, seed=9, workers=w)) for w in (1, 2))
    assert one.characteristics == two.characteristics

import itertools
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.errors import InputError
from jaksim.operations.events import Conductor
from jaksim.operations.pool import Recruiter
from jaksim.trial.operations.data_flow import Board
from jaksim.trial.operations.day_law import day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.supply import Product, Supply
from jaksim.trial.trigger import parse_trigger
from tests.operations_plans import random_flow, random_trial, small_trial
from tests.unit.design.operated import operated, plan_for, scenario_trial

SEED = 2**40 + 7


def _trials(count):
    """Random plans that the fast door covers, by a fixed seed."""
    random = np.random.default_rng(12)

    def pick(options):
        return options[int(random.integers(len(options)))]

    trials = (random_trial(pick, plain=True) for _ in itertools.count())
    return list(itertools.islice((trial for trial in trials if trial is not None), count))


@pytest.mark.parametrize("trial", _trials(12), ids=lambda trial: f"{trial.population.patients} patients")
def test_patients_are_those_of_the_fast_door(trial):
    engine = make_cohorts(Cells(trial), SEED, (), "path")
    cohort = engine.open_cohort(3, 2, trial.population.patients)
    engine.enrol(cohort, trial.population.patients)
    conductor = Conductor(trial, SEED)
    pool = Recruiter(trial.operations.recruitment, trial.operations.screening, SEED).pool(3, 2, 500)
    for row, replicate in enumerate((3, 4)):
        log = conductor.run(replicate)
        n = int(cohort.n[row])
        patients = log.patients
        assert log.enrolled == n
        assert (log.reason == "full") == (n == trial.population.patients)
        np.testing.assert_array_equal(patients.day, cohort.day[row, :n])
        np.testing.assert_array_equal(patients.site, cohort.site[row, :n])
        np.testing.assert_array_equal((patients.site << 20) | patients.number, cohort.number[row, :n])
        np.testing.assert_array_equal(patients.stratum, cohort.stratum[row, :n])
        np.testing.assert_array_equal(patients.arm, cohort.arm[row, :n])
        if cohort.late.shape[1] and trial.operations.data_flow.delays:
            np.testing.assert_array_equal(patients.late, cohort.late[row, :n])
        np.testing.assert_array_equal(patients.states, engine.states(cohort, row, n))
        order = pool.order[row, :n]
        np.testing.assert_array_equal(patients.ready, pool.ready[row, order])
        np.testing.assert_array_equal(patients.screened, pool.time[row, order])
        np.testing.assert_array_equal(log.opened, pool.opened[row])
        assert log.complete == engine.complete_day(cohort)[row] or n == 0


def test_many_of_those_plans_have_sites_that_differ():
    trials = _trials(12)
    assert sum(trial.site_sd > 0.0 for trial in trials) >= 5
    groups = [trial.operations.recruitment.groups for trial in trials]
    assert sum(any(np.isfinite(one.concentration) for one in some) for some in groups) >= 3


@pytest.mark.parametrize(
    ("when", "last"),
    [
        (("patients >= 40", "complete >= 1"), None),
        (("complete >= 25 %", "events >= 12 or day >= 60"), "complete >= 70"),
        (("events(death) >= 5 and day >= 15", "complete(recovery) >= 60"), None),
        (("day >= 20", "complete(death) >= 1 and day >= 3"), "day >= 45"),
        (("complete >= 100 %", "events >= 80"), "day >= 4000"),
    ],
)
def test_data_are_cut_on_the_days_of_the_design(when, last):
    trial = _monitored(when, last)
    cells = Cells(trial)
    design = make_design(cells, settle(cells), SEED, "path")
    cohort = design.enrolled(2, 3)
    days = design.days(cohort)
    delay = cohort.decision
    endpoint = [one.name for one in trial.endpoints].index("well")
    conductor = Conductor(trial, SEED)
    for row in range(3):
        log = conductor.run(2 + row)
        assert [one.day for one in log.analyses] == days[row].tolist()
        for k, one in enumerate(log.analyses):
            look = np.full(3, days[row, k])
            decided = look + delay if k < len(log.analyses) - 1 else look
            assert one.enrolled == (cohort.day[row] <= look[0]).sum()
            assert one.decision == decided[row]
            assert one.enrolled_at_decision == (cohort.day[row] <= decided[row]).sum()
            for what in ("complete", "events"):
                held = design.engine.number_with(cohort, endpoint, what, look, counts=design.cut.cells)[row]
                assert getattr(one, what) == held


def test_a_board_that_stops_a_trial_ends_recruitment_with_its_decision():
    trial = _monitored(("patients >= 40", "patients >= 60"), None)
    seen = []

    def decide(cut):
        seen.append(cut)
        return cut.look < 1

    log = Conductor(trial, SEED).run(0, decide)
    assert log.reason == "stopped after analysis 2"
    assert [cut.look for cut in seen] == [0, 1]
    assert len(log.analyses) == 2
    last = log.analyses[-1]
    assert (log.enrolled, log.patients.day.max() <= last.decision) == (last.enrolled_at_decision, True)
    whole = Conductor(trial, SEED).run(0)
    assert whole.reason == "full"
    np.testing.assert_array_equal(whole.patients.ready[: log.enrolled], log.patients.ready)
    np.testing.assert_array_equal(whole.patients.arm[: log.enrolled], log.patients.arm)


def test_nobody_is_randomised_while_recruitment_pauses():
    trial = _monitored(("patients >= 40", "patients >= 60"), None)
    paused = replace(trial, operations=replace(trial.operations, board=Board(fixed(7), fixed(3), True)))
    log, other = Conductor(paused, SEED).run(0), Conductor(trial, SEED).run(0)
    for one in log.analyses[:-1]:
        assert one.overrun == 0
        assert one.decision == one.day + 10
        assert not ((log.patients.day > one.day) & (log.patients.day <= one.decision)).any()
    assert log.last_patient_in > other.last_patient_in
    assert log.enrolled == other.enrolled


def test_what_cannot_go_on_ends_with_its_reason():
    def reasons(supply=None, **changes):
        group = SiteGroup("all", 1, **{"rate": 3.0, **changes})
        conductor = Conductor(
            small_trial(100, Operations(Recruitment((Country("all", (group,)),), 100), supply=supply)), 1
        )
        logs = [conductor.run(replicate) for replicate in range(12)]
        assert all(log.complete < 2000 for log in logs)
        assert {log.enrolled for log in logs if log.reason == "full"} <= {100}
        nobody = [log.enrolled for log in logs if log.reason.startswith("no")]
        assert sum(nobody) == 0
        return {log.reason for log in logs}

    in_time, last_day = "full", "the last day of recruitment has passed"
    never, nobody = (
        "no site has opened by the last day of recruitment",
        "nobody has come by the last day of recruitment",
    )
    assert reasons() == {in_time}
    seldom = day_law("listed", {"days": [0, 500], "probabilities": [0.5, 0.5]})
    assert reasons(opens=seldom) == {in_time, never}
    assert reasons(shape=0.04) == {in_time, last_day, nobody}
    empty = Supply((Product("kit", 0),), {"drug": {"kit": 1}})
    assert reasons(empty) == {last_day}


def test_what_events_do_not_cover_is_refused():
    trial = small_trial(30, Operations(Recruitment((Country("all", (SiteGroup("all", 3, 1.0),)),))))
    with pytest.raises(InputError, match="nothing says how the trial is run"):
        Conductor(replace(trial, operations=None), 1)
    with pytest.raises(InputError, match="adaptations"):
        Conductor(operated(scenario_trial("scenarios/actt4-promising-zone"), plan_for(1500)), 1)


def test_simpy_is_imported_by_the_events_alone():
    imports = "import sys, jaksim.cli, jaksim.design.conduct.designs, jaksim.operations.pool"
    code = f"{imports}; assert 'simpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    package = Path(jaksim.__file__).parent
    users = {
        path.parent.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) simpy", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users == {"operations/events"}


def _monitored(when, last):
    """A trial of 100 patients with two interim analyses."""
    random = np.random.default_rng(3)
    operations = Operations(
        Recruitment((Country("all", (SiteGroup("all", 6, 0.4, opens=fixed(2), shape=2.0),)),)),
        data_flow=random_flow(lambda options: options[int(random.integers(1, len(options)))]),
        board=Board(day_law("uniform", {"low": 1, "high": 9}), fixed(1)),
    )
    trial = small_trial(100, operations, scenario="interims.toml")
    triggers = tuple(parse_trigger(one) for one in when)
    final = None if last is None else parse_trigger(last)
    return replace(trial, monitoring=replace(trial.monitoring, interims=triggers, last=final))

import itertools

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.operations.events import Conductor
from jaksim.operations.pool import Recruiter
from tests.operations_plans import random_trial

SEED = 2**40 + 7


def _trials(count):
    """Random plans that the fast door covers, by a fixed seed."""
    random = np.random.default_rng(12)

    def pick(options):
        return options[int(random.integers(len(options)))]

    trials = (random_trial(pick, plain=True) for _ in itertools.count())
    return list(itertools.islice((trial for trial in trials if trial is not None), count))


@pytest.mark.parametrize("trial", _trials(14), ids=lambda trial: f"{trial.population.patients} patients")
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


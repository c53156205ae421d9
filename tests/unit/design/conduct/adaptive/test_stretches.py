"""Patients enrolled as far as a change are the first of those enrolled at once."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.conduct.adaptive.stretches import enrol_past, hardly_more_than, last_entry
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.scenario import load_scenario

PLATFORM = Path(__file__).parents[4] / "scenarios" / "platform.toml"
REPLICATES = 40


@pytest.fixture(scope="module", params=["simple", "permuted blocks", "minimisation"])
def engine(request):
    blocks = ("randomisation.block_size=8",) if request.param == "permuted blocks" else ()
    trial = load_scenario(PLATFORM, changes=(f"randomisation.scheme={request.param}", *blocks)).trial
    return make_cohorts(Cells(trial), 5, [])


@pytest.mark.parametrize("enough", [0, 90, 130, 250])
@pytest.mark.parametrize("begin", [0, 7])
def test_they_are_the_same_whatever_is_taken_for_enough(engine, enough, begin):
    patients = 300
    together, stepwise = (engine.open_cohort(11, REPLICATES, patients) for _ in range(2))
    first = np.full(REPLICATES, begin)
    for cohort in (together, stepwise):
        engine.enrol(cohort, first)
    engine.enrol(together, patients, first=first)
    day = int(np.median(together.day[:, 120]))
    enrol_past(engine, stepwise, lambda _: day, enough, patients, first=first)
    assert ((last_entry(stepwise) > day) | (stepwise.n == patients)).all()
    there = np.arange(patients) < stepwise.n[:, None]
    assert there.sum() < together.n.sum() or enough < 120
    for name in ("day", "arm", "stratum", "number", "word", "exposure"):
        np.testing.assert_array_equal(getattr(stepwise, name)[there], getattr(together, name)[there])
    np.testing.assert_array_equal(stepwise.category[:, there], together.category[:, there])


def test_a_cohort_without_patients_has_no_entry(engine):
    assert (last_entry(engine.open_cohort(0, 3, 10)) == -1).all()


def test_a_poisson_variable_hardly_ever_exceeds_the_bound():
    from scipy.stats import poisson

    mean = np.geomspace(0.01, 1e4, 50)
    assert poisson.sf(hardly_more_than(mean), mean).max() < 1.5e-3

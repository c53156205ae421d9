"""A replicate of a trial in calendar time made alone, against the one inside a run of `jaksim power --engine path`."""

from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.calendar import block_length
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.executor import blocks
from jaksim.design.patients.conducted_patients import one_replicate
from jaksim.design.settings import BLOCK

ROOT = Path(__file__).parents[4]
REPLICATE = 123_456
SEED = 5


def scenario_of(name, changes=()):
    return jaksim.load_scenario(ROOT / f"{name}.toml", changes=changes)


def run_with(trial, engine="path"):
    """The block of a run of 200,000 replicates that holds the replicate, and the position of this in it."""
    cells = Cells(trial)
    design = make_design(cells, settle(cells), SEED, engine)
    length = min(BLOCK, block_length(trial.population.patients))
    first, n = next(block for block in blocks(0, 200_000, length) if block[0] <= REPLICATE < sum(block))
    conducted, cohort = design.conduct(first, n)
    return design, conducted, cohort, REPLICATE - first


@pytest.mark.parametrize(
    "name",
    [
        *(f"tests/scenarios/{name}" for name in ("interims", "arms", "doses", "platform", "bayesian", "adaptive")),
        *(f"scenarios/actt4-{name}" for name in ("interims", "promising-zone", "blinded-reestimation")),
    ],
)
def test_a_replicate_made_alone_is_the_one_inside_the_run(name):
    trial = scenario_of(name, ["adaptation.calibration=1000"] if name.endswith("/adaptive") else ()).trial
    patients, ending = one_replicate(trial, seed=SEED, replicate=REPLICATE)
    design, conducted, cohort, row = run_with(trial)
    cells, n = design.engine.cells, len(patients)
    cell = patients.arm * cells.n_strata + patients.stratum
    np.testing.assert_array_equal(np.bincount(cell, minlength=len(cells)), conducted.enrolled[row])
    np.testing.assert_array_equal(patients.entry_day, cohort.day[row, :n])
    np.testing.assert_array_equal(patients.arm, cohort.arm[row, :n])
    assert (ending.look - 1, ending.day) == (conducted.look[row], conducted.day[row])
    assert [one.rejected for one in ending.decided] == conducted.rejected[:, row].tolist()
    np.testing.assert_array_equal(
        [(one.estimate, one.standard_error, one.z) for one in ending.decided], conducted.results[:, row]
    )
    states = np.searchsorted(trial.scale.scores, patients.scores)
    for number, automaton in enumerate(design.engine.automata):
        np.testing.assert_array_equal(automaton.run(states), cohort.category[number, row, :n])


MONITORED = ("monitoring.analysis=recovery", "analysis.recovery.alpha=0.025", "analysis.recovery.sides=1")


@pytest.mark.parametrize(
    ("name", "changes"),
    [("tests/scenarios/interims", MONITORED), ("tests/scenarios/interims", ()), ("scenarios/actt4-interims", ())],
)
def test_analysed_as_known_the_patients_give_the_statistic_that_ended_the_trial(name, changes):
    scenario = scenario_of(name, changes)
    stopped = 0
    for replicate in (*range(6), REPLICATE):
        simulated = jaksim.simulate_trial(scenario, replicate=replicate, seed=SEED, as_known=True)
        (decided,) = simulated.ending.decided
        found = analysed(scenario, decided.analysis, simulated.to_pandas())
        assert (found["estimate"], found["se"]) == pytest.approx((decided.estimate, decided.standard_error), rel=1e-12)
        stopped += simulated.ending.look < simulated.ending.looks
    assert stopped


def test_analysed_complete_the_patients_give_the_other_results_of_the_run():
    scenario = scenario_of("tests/scenarios/interims")
    design, conducted, cohort, row = run_with(scenario.trial)
    frame = jaksim.simulate_trial(scenario, replicate=REPLICATE, seed=SEED).to_pandas()
    tests = settle(design.engine.cells)
    expected = design.as_replicates(tests, conducted, cohort).results
    for test, results in zip(tests[1:], expected[1:], strict=True):
        found = analysed(scenario, test.plan.name, frame)
        assert (found["estimate"], found["se"]) == pytest.approx(results[row][:2], rel=1e-12)


def analysed(scenario, name, frame):
    (plan,) = [one for one in scenario.trial.analyses if one.name == name]
    arms = {"active": plan.active, "reference": plan.reference}
    found = jaksim.analyze(frame, methods=[plan.method], endpoint=plan.endpoint, missing="drop", **arms)
    return found.as_dict()["results"][0]

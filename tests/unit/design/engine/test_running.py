"""Patients of a running trial go on from where they are, by exact laws."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.design.forecasting import Beliefs, RunningTrial
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario import load_scenario

SITES = Path(__file__).parents[3] / "scenarios" / "sites.toml"
TRIAL = load_scenario(SITES).trial
PREPARED = Prepared(TRIAL, 1, "path")
REPLICATES = 4000
LEAST_P = 1e-5
HEADER = "event,day,site,patient,arm,stratum,score"
ONE = [f"{event},{day},Here 1,a,,{stratum}," for event, day, stratum in (("screened", 3, ""), ("randomised", 4, "ill"))]
SCORES = {5: 2, 6: 3, 7: 3, 8: 2}


def read(rows, on, gaps="model"):
    lines = [line.split(",") for line in (HEADER, "activated,0,Here 1,,,,", *rows)]
    data = {name: [line[i] for line in lines[1:]] for i, name in enumerate(lines[0])}
    return read_log(columns_of(data), TRIAL, TRIAL.operations, on, gaps)


def running(log, seed=1, rate_cv=0.0, weight=math.inf):
    beliefs = Beliefs.of(log, TRIAL.operations, rate_cv, weight)
    return RunningTrial(PREPARED, log, beliefs, seed)


def exact_law(found, patient, endpoint):
    """Law (C, K) of cell and category given all that is known, forward over state and memory of the automaton."""
    engine, cells = found.design.engine, found.prepared.cells
    automaton, known = engine.automata[endpoint], found.courses.known
    law = np.zeros((len(cells), automaton.n_categories))
    people = found.log.randomised
    for g, group in enumerate(cells.groups):
        cell = cells.cell_of_group[g]
        arm, stratum = divmod(cell, cells.n_strata)
        if people.arm[patient] not in (-1, arm) or people.stratum[patient] not in (-1, stratum):
            continue
        joint = np.zeros((cells.transitions.shape[2], automaton.n_memory))
        start = group.start_index
        weight = group.share * cells.shares[arm] * TRIAL.population.weights[stratum]
        joint[start, automaton.start[start]] = weight * known.possible[patient, 0, start]
        for day in range(1, TRIAL.horizon + 1):
            moved = np.einsum("rm,rs->sm", joint, cells.transitions[g, day - 1])
            joint = np.zeros_like(joint)
            for state in range(len(joint)):
                if known.possible[patient, day, state] or day > known.last[patient]:
                    np.add.at(joint[state], automaton.step[day - 1][:, state], moved[state])
        np.add.at(law[cell], np.maximum(automaton.final, 0), joint.sum(axis=0))
    return law / law.sum()


CASES = {
    "scores of every day": ([f"score,{day},,a,,,{score}" for day, score in SCORES.items()], 8),
    "scores that end early": ([f"score,{day},,a,,,{score}" for day, score in SCORES.items()], 13),
    "a gap": ([f"score,{day},,a,,,{score}" for day, score in SCORES.items() if day != 6], 8),
    "the last score alone": (["score,9,,a,,,3"], 9),
    "no score": ([], 9),
    "dead": (["score,5,,a,,,3", "died,7,,a,,,"], 9),
    "alive, since deaths are told": (
        ["screened,3,Here 1,b,,,", "randomised,4,,b,,severe,", "died,6,,b,,,"], 10,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("arm", ["", "drug"])
def test_a_course_goes_on_by_its_exact_law(case, arm):
    rows, on = CASES[case]
    first = [row.replace("a,,ill", f"a,{arm},ill").replace("b,,severe", f"b,{arm},severe") for row in (*ONE, *rows)]
    found = running(read(first, on))
    cohort = found.design.engine.open_cohort(0, REPLICATES, 5)
    n_strata = found.prepared.cells.n_strata
    for patient in range(found.log.randomised.n):
        cell = cohort.arm[:, patient].astype(int) * n_strata + cohort.stratum[:, patient]
        for endpoint in range(len(TRIAL.endpoints)):
            law = exact_law(found, patient, endpoint)
            counts = np.zeros_like(law)
            np.add.at(counts, (cell, cohort.category[endpoint, :, patient]), 1)
            assert counts[law == 0.0].sum() == 0
            often = law * REPLICATES > 5.0
            seen, expected = np.append(counts[often], counts[~often].sum()), np.append(law[often], law[~often].sum())
            kept = expected > 1e-3
            if kept.sum() > 1:
                seen, expected = seen[kept], REPLICATES * expected[kept]
                chi2 = ((seen - expected) ** 2 / expected).sum()
                assert stats.chi2.sf(chi2, kept.sum() - 1) > LEAST_P


def test_the_evidence_of_a_course_is_its_probability():
    rows = [*ONE, *(f"score,{day},,a,,,{score}" for day, score in SCORES.items())]
    found = running(read([row.replace("a,,ill", "a,control,ill") for row in rows], 8))
    cells = found.prepared.cells
    (g,) = [g for g, cell in enumerate(cells.cell_of_group) if cell == 0]
    states = [1, 1, 2, 2, 1]
    steps = [cells.transitions[g, d][states[d], states[d + 1]] for d in range(4)]
    assert found.courses.log_likelihood == pytest.approx(np.log(steps).sum())


def test_without_arms_a_course_tells_of_them():
    """The drug doubles what makes patients better: who recovers at once is more probably of its arm."""
    rows = [*ONE, "score,5,,a,,,1"]
    found = running(read(rows, 5))
    cells = found.prepared.cells
    arm = np.array(cells.cell_of_group) // cells.n_strata
    chance = found.courses.posterior[0]
    stay = [cells.transitions[g, 0][1, 0] for g, cell in enumerate(cells.cell_of_group) if cell in (0, cells.n_strata)]
    assert chance[arm == 1].sum() == pytest.approx(stay[1] / sum(stay))
    assert chance[arm == 1].sum() > 0.55


def test_the_dead_do_not_come_back_and_such_a_log_is_refused():
    found = running(read([*ONE, "died,6,,a,,,"], 9))
    assert (found.courses.known.possible[0, 2:].sum(axis=1) == 1).all()
    with pytest.raises(InputError, match="cannot be by the disease"):
        running(read([ONE[0], "randomised,4,Here 1,a,,ill,3"], 9))


def test_days_and_sites_of_the_log_stay_as_they_were_and_others_come_after():
    rows = [*ONE, "screened,5,Here 1,b,,,", "randomised,6,,b,,severe,"]
    found = running(read(rows, 9))
    cohort = found.design.enrolled(0, 50, 130)
    assert (cohort.day[:, :2] == [4, 6]).all()
    assert (cohort.n == 120).all()
    assert (cohort.site[:, :2] == 0).all()
    assert (cohort.day[:, 2:120] >= 10).all()
    assert (np.diff(cohort.day[:, :120], axis=1) >= 0).all()


@pytest.mark.parametrize(("rate_cv", "weight"), [(0.0, math.inf), (0.5, 20.0)])
def test_a_block_is_the_same_whichever_it_is_in(rate_cv, weight):
    found = running(read([*ONE, "screened,8,Here 1,b,,,"], 9), rate_cv=rate_cv, weight=weight)
    whole, parts = found.block(0, 30), [found.block(0, 11), found.block(11, 1), found.block(12, 18)]
    for name, values in whole.numbers.items():
        np.testing.assert_array_equal(values, np.concatenate([part.numbers[name] for part in parts]))

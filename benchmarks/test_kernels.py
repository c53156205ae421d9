"""Kernels one by one, below the engines that put them together; alone in this, no analysis and no setting up."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks import disease
from benchmarks.engines import N_CELLS, N_STRATA, SEED
from benchmarks.work import Work
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine, make_cohorts
from jaksim.kernel.philox import fill_blocks
from jaksim.scenario import load_scenario
from jaksim.simulate import (
    compile_chains,
    compile_laws,
    compile_paths,
    draw_sizes,
    draw_tables,
    draw_transitions,
    path_transitions,
    simulate_scores,
)
from jaksim.simulate.enrolment import Cohort, enrolled_by

PATIENTS = 1000
BLOCK = 64


def test_philox_words(alone):
    planes = np.empty((4, 4096), dtype=np.uint32)
    one, key = np.uint64(1), np.uint64(SEED)
    alone(Work(lambda block: fill_blocks(0, 4096, one, np.uint64(block), one, key, key, planes), planes.size, "words"))


@pytest.mark.parametrize(("way", "patients", "share"), [("inversion", 150, 0.05), ("rejection", 100_000, 0.3)])
def test_binomials(alone, way, patients, share):
    """A cell with two categories is one binomial draw."""
    laws, sizes, parts = compile_laws([[share, 1.0 - share]]), np.full((5000, 1), patients), np.arange(2)[None]
    out = np.empty(10_000)
    alone(Work(lambda block: draw_tables(laws, parts, [2], sizes, SEED, block * 5000, out), 5000, "draws"))


def test_permuted_blocks(alone):
    """Strata drawn by weight and allocated in blocks of four, in trials of 1,000 patients."""
    shares = [1.0 / N_STRATA] * N_STRATA
    alone(
        Work(lambda block: draw_sizes(PATIENTS, shares, [1, 1], 4, "drawn", SEED, block * 500, 500), 500, "trials"),
    )


def test_daily_scores(alone):
    """Paths as daily states, for the export of patients."""
    tables, starts = disease.cells()
    plan = compile_paths(tables, starts, disease.HORIZON, [disease.recovery().automaton])
    sizes = np.full(N_CELLS, 1000)
    alone(Work(lambda block: simulate_scores(plan, sizes, SEED, block), int(sizes.sum()), "patients"))


def test_transitions_of_paths(alone):
    """Daily transitions counted along simulated paths."""
    tables, starts = disease.cells()
    plan = compile_paths(tables, starts, disease.HORIZON, [disease.recovery().automaton])
    sizes, seen = np.full((10, N_CELLS), PATIENTS // N_CELLS), np.arange(disease.SCALE.n_states)
    alone(Work(lambda block: path_transitions(plan, seen, sizes, SEED, 10 * block), int(sizes.sum()), "patients"))


@pytest.mark.parametrize("patients", [1_000, 100_000])
def test_transitions_of_the_law(alone, patients):
    """Daily transitions drawn as a Markov chain of counts."""
    starts = disease.cells()[1]
    plan = compile_chains(
        np.array(disease.transitions()), starts, range(N_CELLS), [1.0] * N_CELLS, np.arange(disease.SCALE.n_states)
    )
    sizes = np.full((50, N_CELLS), patients // N_CELLS)
    alone(Work(lambda block: draw_transitions(plan, sizes, SEED, 50 * block), 50, "trials"))


@cache
def cohorts(engine: str) -> CohortEngine:
    """ACTT-4 in calendar time, its first endpoint seen at interim analyses."""
    trial = load_scenario("scenarios/actt4-interims.toml").trial
    return make_cohorts(Cells(trial), SEED, [trial.endpoints[0].name], engine)


def enrolled(engine: str) -> Cohort:
    cohort = cohorts(engine).open_cohort(0, BLOCK, PATIENTS)
    cohorts(engine).enrol(cohort, PATIENTS)
    return cohort


@pytest.mark.parametrize("engine", ["law", "path"])
def test_enrolment(alone, engine):
    """Patients who enter one by one: day, stratum, arm, and what becomes of them under five endpoints."""
    source = cohorts(engine)

    def enrol(block: int) -> None:
        source.enrol(source.open_cohort(block * BLOCK, BLOCK, PATIENTS), PATIENTS)

    alone(Work(enrol, BLOCK * PATIENTS, "patients"))


def test_data_cut(alone):
    """Tables of what is known on a day on which half of the patients have entered."""
    cohort = enrolled("law")
    look = np.median(cohort.day, axis=1).astype(np.int64)
    seen = int(enrolled_by(cohort, look).sum())
    alone(Work(lambda block: cohorts("law").tables(cohort, 0, look), seen, "patients"))


@pytest.mark.parametrize("what", ["events", "complete"])
def test_day_of_an_analysis(alone, what):
    """The day on which there are so many events or complete outcomes."""
    cohort = enrolled("law")
    alone(Work(lambda block: cohorts("law").day_with(cohort, 0, what, 100), cohort.day.size, "patients"))

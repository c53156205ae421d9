"""Blocks of work of the two engines, alone and with an analysis; 2 arms x 4 strata, 28 days."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks import disease
from benchmarks.work import Work
from jaksim import load_scenario
from jaksim.analysis import get_method
from jaksim.design.engine.reading_together import read_together
from jaksim.design.individual.plan_of import curve_of
from jaksim.design.prepared import Prepared
from jaksim.endpoint import Endpoint
from jaksim.kernel.jit import kernel
from jaksim.model.covariate_shape import LINEAR
from jaksim.simulate import compile_laws, compile_paths, draw_sizes, draw_tables, path_tables
from jaksim.simulate.individual.curves import Brought
from jaksim.simulate.individual.group_tables import GroupedProcess
from jaksim.simulate.individual.plan import Kind, compile_individuals, individual_tables
from jaksim.simulate.reached import states_reached
from jaksim.trial.characteristics.laws import gamma
from jaksim.trial.characteristics.marginal import LogNormal, Normal

SEED = 20201201
N_STRATA = len(disease.BASELINE_SCORES)
N_CELLS = 2 * N_STRATA
REPLICATES = 1000
LOG_RANK, PROPORTIONAL_ODDS = ("log_rank", 0), ("proportional_odds", 1)

Draw = Callable[[int], NDArray[np.float64]]


def law_draw(n_patients: int, endpoint: Endpoint, *, strata: str = "fixed") -> Draw:
    """Function from the number of a block to its tables (REPLICATES, 2, N_STRATA, K)."""
    automaton = endpoint.automaton
    laws = compile_laws(disease.laws(automaton))
    parts = np.arange(automaton.n_categories)[None]

    def draw(block: int) -> NDArray[np.float64]:
        first = block * REPLICATES
        sizes = draw_sizes(n_patients, [1 / N_STRATA] * N_STRATA, [1, 1], 4, strata, SEED, first, REPLICATES)
        out = np.empty(REPLICATES * N_CELLS * automaton.n_categories)
        draw_tables(laws, parts, [automaton.n_categories], sizes, SEED, first, out)
        return out.reshape(REPLICATES, 2, N_STRATA, automaton.n_categories)

    return draw


def law_tables(n_patients: int, strata: str = "fixed") -> Work:
    """Tables of time to recovery, from the sizes of the cells on."""
    return Work(law_draw(n_patients, disease.recovery(), strata=strata), REPLICATES, "trials")


def law_trials(n_patients: int, method: str, endpoint: int) -> Work:
    """Complete trials: the sizes of the cells, the tables, the estimate, its standard error and z."""
    meaning = disease.endpoints()[endpoint]
    draw, analyse = law_draw(n_patients, meaning), get_method(method)
    options = analyse.settings()

    def trials(block: int) -> None:
        analyse.evaluate(draw(block), meaning, options, np.empty((REPLICATES, 3)))

    return Work(trials, REPLICATES, "trials")


def law_tables_of_all(n_endpoints: int, n_patients: int = 1000) -> Work:
    """Tables of several endpoints, drawn together from their joint law."""
    joint = disease.joint(n_endpoints)
    found = np.array(disease.laws(joint))
    reached = (found > 0.0).any(axis=0)
    laws, parts, widths = compile_laws(list(found[:, reached])), joint.parts[:, reached], joint.part_sizes
    sizes = np.full((REPLICATES, N_CELLS), n_patients // N_CELLS)

    def tables(block: int) -> None:
        out = np.empty(sizes.size * sum(widths))
        draw_tables(laws, parts, widths, sizes, SEED, block * REPLICATES, out)

    return Work(tables, REPLICATES, "trials")


def scenario_trials(name: str) -> Work:
    """Trials of a shipped scenario from end to end, in blocks as large as `jaksim power` takes them."""
    found = Prepared(load_scenario(f"scenarios/{name}.toml").trial, SEED)
    n = found.length()
    return Work(lambda block: found.block(block * n, n), n, "trials")


def path_patients(n_patients: int, n_endpoints: int = 1) -> Work:
    """Simulated patients of whole trials with the tables of their endpoints."""
    tables, starts = disease.cells()
    automata = [endpoint.automaton for endpoint in disease.endpoints()[:n_endpoints]]
    plan = compile_paths(tables, starts, disease.HORIZON, read_together(automata, states_reached(tables)))
    replicates = max(1, 20_000 // n_patients)
    sizes = np.full((replicates, N_CELLS), n_patients // N_CELLS)
    length = sizes.size * int(plan.n_categories.sum())

    def patients(block: int) -> None:
        path_tables(plan, sizes, SEED, block * replicates, np.empty(length))

    return Work(patients, int(sizes.sum()), "patients")


def individual_patients(n_patients: int, n_endpoints: int = 1) -> Work:
    """The same of patients who each draw three correlated continuous characteristics, on which moves of three groups
    depend."""
    tables, starts = disease.cells()
    rank = np.arange(disease.SCALE.n_states)
    dead = disease.SCALE.index(8)
    worse = (rank[None] > rank[:, None]) & (rank[None] != dead)
    groups = [np.zeros_like(worse), rank[None] < rank[:, None], worse, np.broadcast_to(rank == dead, worse.shape)]
    processes = [
        GroupedProcess(table.breaks, np.array([np.where(of, table.generators, 0.0) for of in groups]))
        for table in tables
    ]
    coefficients = np.array([[0.0, 0.0, 0.0], [-0.2, -0.1, 0.0], [0.1, 0.2, 0.0], [0.4, 0.2, 0.3]])
    items = (Normal(0.0, 1.0), LogNormal(0.0, 0.5), gamma(1.0, 0.4))
    correlation = np.array([[1.0, 0.2, -0.4], [0.2, 1.0, 0.0], [-0.4, 0.0, 1.0]])
    plan = compile_individuals(
        processes,
        [[Kind(1.0, start, (cell,))] for cell, start in enumerate(starts)],
        [coefficients] * N_CELLS,
        read_together([one.automaton for one in disease.endpoints()[:n_endpoints]], states_reached(processes)),
        disease.HORIZON,
        Brought(
            np.linalg.cholesky(correlation),
            latents=(0, 1, 2),
            shared=(0, 0, 0),
            curves=(tuple(item.kernel() for item in items),) * N_STRATA,
            terms=tuple((number, curve_of(LINEAR)) for number in range(3)),
        ),
        n_strata=N_STRATA,
    )
    replicates = max(1, 20_000 // n_patients)
    sizes = np.full((replicates, N_CELLS), n_patients // N_CELLS)
    length = sizes.size * int(plan.n_categories.sum())

    def patients(block: int) -> None:
        individual_tables(plan, sizes, SEED, block * replicates, np.empty(length))

    return Work(patients, int(sizes.sum()), "patients")


@kernel
def multiply(turns: int, start: int) -> int:
    """Arithmetic in registers, without memory, whose turns wait for each other."""
    word = np.uint64(start)
    for _ in range(turns):
        word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        word ^= word >> np.uint64(29)
    return word


def arithmetic() -> Work:
    """What several processors of the machine can gain at most: they share nothing."""
    return Work(lambda block: multiply(1_000_000, block), 1, "blocks of a million turns")

"""The two engines alone: tables of counts from exact laws and from simulated patients; 2 arms x 4 strata, 28 days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks import disease
from benchmarks.registry import Task, register
from jaksim.endpoint import Endpoint
from jaksim.simulate import compile_laws, compile_paths, draw_sizes, draw_tables, path_tables

SEED = 20201201
N_STRATA = len(disease.BASELINE_SCORES)
N_CELLS = 2 * N_STRATA
REPLICATES = 1000

Draw = Callable[[int], NDArray[np.float64]]


def law_draw(n_patients: int, endpoint: Endpoint, *, drawn: bool = False) -> Draw:
    """Function from the number of a block to its tables (REPLICATES, 2, N_STRATA, K)."""
    automaton = endpoint.automaton
    laws = compile_laws(disease.laws(automaton))
    parts = np.arange(automaton.n_categories)[None]
    mode = "drawn" if drawn else "fixed"

    def draw(block: int) -> NDArray[np.float64]:
        first = block * REPLICATES
        sizes = draw_sizes(n_patients, [1 / N_STRATA] * N_STRATA, [1, 1], 4, mode, SEED, first, REPLICATES)
        out = np.empty(REPLICATES * N_CELLS * automaton.n_categories)
        draw_tables(laws, parts, [automaton.n_categories], sizes, SEED, first, out)
        return out.reshape(REPLICATES, 2, N_STRATA, automaton.n_categories)

    return draw


def law_task(n_patients: int, *, drawn: bool = False) -> Task:
    """Blocks of replicates of a time-to-recovery trial."""
    draw = law_draw(n_patients, disease.recovery(), drawn=drawn)

    def task(block: int) -> float:
        return len(draw(block))

    return task


def path_task(n_patients: int, endpoints: Sequence[Endpoint] | None = None) -> Task:
    """Blocks of simulated patients with the automata of the endpoints, time to recovery if none are given."""
    tables, starts = disease.cells()
    automata = [endpoint.automaton for endpoint in endpoints or [disease.recovery()]]
    plan = compile_paths(tables, starts, disease.HORIZON, automata)
    replicates = max(1, 100_000 // n_patients)
    sizes = np.full((replicates, N_CELLS), n_patients // N_CELLS)
    length = sizes.size * int(plan.n_categories.sum())

    def task(block: int) -> float:
        path_tables(plan, sizes, SEED, block * replicates, np.empty(length))
        return float(sizes.sum())

    return task


for size in (1_000, 8_000, 100_000):
    register(f"law engine, {size:,} patients", "replicates")(partial(law_task, size))
register("law engine, 1,000 patients, drawn strata", "replicates")(partial(law_task, 1000, drawn=True))
for size in (1_000, 100_000):
    register(f"path engine, {size:,} patients", "patients")(partial(path_task, size))

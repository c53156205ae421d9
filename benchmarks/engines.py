"""The two engines: tables of counts from exact laws and from simulated patients; 2 arms x 4 strata, 28 days."""

from __future__ import annotations

import numpy as np

from benchmarks import disease
from benchmarks.registry import Task, register
from jaksim.simulate import compile_laws, compile_paths, draw_sizes, draw_tables, path_tables

SEED = 20201201
N_CELLS = 8
REPLICATES = 1000


def law_task(n_patients: int, *, drawn: bool = False) -> Task:
    """Blocks of replicates of a time-to-recovery trial."""
    automaton = disease.recovery()
    laws = compile_laws(disease.laws(automaton))
    parts = np.arange(automaton.n_categories)[None]

    def task(block: int) -> float:
        first = block * REPLICATES
        mode = "drawn" if drawn else "fixed"
        sizes = draw_sizes(n_patients, [0.25] * 4, [1, 1], 4, mode, SEED, first, REPLICATES)
        out = np.empty(REPLICATES * N_CELLS * automaton.n_categories)
        draw_tables(laws, parts, [automaton.n_categories], sizes, SEED, first, out)
        return REPLICATES

    return task


def path_task(n_patients: int) -> Task:
    """Blocks of simulated patients with the time-to-recovery automaton."""
    tables, starts = disease.cells()
    plan = compile_paths(tables, starts, disease.HORIZON, [disease.recovery()])
    replicates = max(1, 100_000 // n_patients)
    sizes = np.full((replicates, N_CELLS), n_patients // N_CELLS)
    length = sizes.size * int(plan.n_categories.sum())

    def task(block: int) -> float:
        path_tables(plan, sizes, SEED, block * replicates, np.empty(length))
        return float(sizes.sum())

    return task


@register("law engine, 1,000 patients", "replicates")
def law_1000() -> Task:
    return law_task(1000)


@register("law engine, 1,000 patients, drawn strata", "replicates")
def law_1000_drawn() -> Task:
    return law_task(1000, drawn=True)


@register("law engine, 8,000 patients", "replicates")
def law_8000() -> Task:
    return law_task(8000)


@register("law engine, 100,000 patients", "replicates")
def law_100000() -> Task:
    return law_task(100_000)


@register("path engine, 1,000 patients", "patients")
def path_1000() -> Task:
    return path_task(1000)


@register("path engine, 100,000 patients", "patients")
def path_100000() -> Task:
    return path_task(100_000)

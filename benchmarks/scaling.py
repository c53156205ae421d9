"""How cost grows with patients, states, days and cells; growth with replicates and endpoints is among other cases."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.engines import SEED
from benchmarks.registry import Task, register
from benchmarks.trials import trial_task
from jaksim.endpoint import Automaton, time_to_event
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.scale import OrdinalScale
from jaksim.simulate import compile_laws, compile_paths, draw_tables, path_tables

PATIENTS = 1000


def ladder(n_states: int, horizon: int) -> tuple[IntensityTable, Automaton, int]:
    """Patients who climb or fall one step at a time until they reach the top or die, which they may from any step."""
    scores = tuple(range(1, n_states + 1))
    scale = OrdinalScale(
        "ladder", scores, tuple(f"step {score}" for score in scores), True, absorbing=(n_states,), sets={"top": (1,)}
    )
    rates = np.zeros((n_states, n_states))
    for s in range(1, n_states - 1):
        rates[s, s - 1] = 0.1 * n_states / 8
        rates[s, min(s + 1, n_states - 2)] += 0.05 * n_states / 8
        rates[s, n_states - 1] = 0.005
    np.fill_diagonal(rates, 0.0)
    rates -= np.diag(rates.sum(axis=1))
    endpoint = time_to_event(scale, horizon, name="time to the top", scores="top")
    return IntensityTable(np.zeros(1), rates[None]), endpoint.automaton, n_states // 2


def law_ladder(n_states: int, horizon: int, n_cells: int) -> Task:
    """Law engine on a ladder, PATIENTS over all cells."""
    table, automaton, start = ladder(n_states, horizon)
    laws = compile_laws([automaton.law(transition_matrices(table, horizon), start)] * n_cells)
    sizes = np.full((500, n_cells), PATIENTS // n_cells)
    parts = np.arange(automaton.n_categories)[None]

    def task(block: int) -> float:
        out = np.empty(sizes.size * automaton.n_categories)
        draw_tables(laws, parts, [automaton.n_categories], sizes, SEED, 500 * block, out)
        return len(sizes)

    return task


def path_ladder(n_states: int, horizon: int) -> Task:
    """Path engine on a ladder."""
    table, automaton, start = ladder(n_states, horizon)
    plan = compile_paths([table], [start], horizon, [automaton])
    sizes = np.full((50, 1), PATIENTS)

    def task(block: int) -> float:
        path_tables(plan, sizes, SEED, 50 * block, np.empty(50 * automaton.n_categories))
        return float(sizes.sum())

    return task


for count in (100, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000):
    prepare = partial(trial_task, count, "log_rank", 0)
    register(f"growth with patients: law engine and log_rank, {count:,}", "trials", threaded=False)(prepare)
for count in (4, 8, 16, 32):
    register(f"growth with states: law engine, {count}", "replicates", threaded=False)(
        partial(law_ladder, count, 28, 8)
    )
    register(f"growth with states: path engine, {count}", "patients", threaded=False)(partial(path_ladder, count, 28))
for count in (14, 28, 60, 90, 180):
    register(f"growth with days: law engine, {count}", "replicates", threaded=False)(partial(law_ladder, 8, count, 8))
    register(f"growth with days: path engine, {count}", "patients", threaded=False)(partial(path_ladder, 8, count))
for count in (2, 8, 32, 128):
    register(f"growth with cells: law engine, {count}", "replicates", threaded=False)(partial(law_ladder, 8, 28, count))

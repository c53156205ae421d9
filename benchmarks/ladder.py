"""A disease whose states, days and cells can be any number: patients climb or fall one step at a time, or die."""

from __future__ import annotations

import numpy as np

from benchmarks.engines import SEED
from benchmarks.work import Work
from jaksim.endpoint import Automaton, time_to_event
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.scale import OrdinalScale
from jaksim.simulate import compile_laws, compile_paths, draw_tables, path_tables

PATIENTS = 1000
STATES, DAYS, CELLS = 8, 28, 8


def ladder(n_states: int, horizon: int) -> tuple[IntensityTable, Automaton, int]:
    """Intensities of the ladder, the automaton of the time to its top, and the state in its middle."""
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


def law_ladder(n_states: int = STATES, horizon: int = DAYS, n_cells: int = CELLS) -> Work:
    """Tables of the law engine, PATIENTS over all cells."""
    table, automaton, start = ladder(n_states, horizon)
    laws = compile_laws([automaton.law(transition_matrices(table, horizon), start)] * n_cells)
    sizes = np.full((500, n_cells), PATIENTS // n_cells)
    parts = np.arange(automaton.n_categories)[None]

    def tables(block: int) -> None:
        out = np.empty(sizes.size * automaton.n_categories)
        draw_tables(laws, parts, [automaton.n_categories], sizes, SEED, 500 * block, out)

    return Work(tables, len(sizes), "trials")


def path_ladder(n_states: int = STATES, horizon: int = DAYS, n_cells: int = CELLS) -> Work:
    """Tables of the path engine, PATIENTS over all cells."""
    table, automaton, start = ladder(n_states, horizon)
    plan = compile_paths([table] * n_cells, [start] * n_cells, horizon, [automaton])
    sizes = np.full((10, n_cells), PATIENTS // n_cells)

    def tables(block: int) -> None:
        path_tables(plan, sizes, SEED, 10 * block, np.empty(sizes.size * automaton.n_categories))

    return Work(tables, len(sizes), "trials")


def ladder_law(n_states: int = STATES, horizon: int = DAYS) -> Work:
    """Daily matrices of the exact door and the law of the time to the top."""
    table, automaton, start = ladder(n_states, horizon)
    return Work(lambda block: automaton.law(transition_matrices(table, horizon), start), 1, "cells")

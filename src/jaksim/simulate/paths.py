"""The path door: patients walked through their disease process in continuous time, read at the end of each day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import quantise
from jaksim.simulate.arguments import checked_output, checked_sizes, key_words
from jaksim.simulate.reached import states_reached

if TYPE_CHECKING:
    from jaksim.kernel.walk import Memories, Processes
    from jaksim.simulate.process_tables import Intensities, PathAutomaton

PURPOSES = (Purpose.PATH, Purpose.PATIENT_TYPE)
MOST_STATES = 127
# Out of a state and day: every one is simulated.
MOST_MOVES = 1_000_000


@dataclass(frozen=True, eq=False)
class PathPlan:
    """Processes of every cell and the automata that read their paths, laid out for the kernel.

    n_categories (E,) int64 is the number of categories of each endpoint: of each part of each automaton, in order.
    """

    processes: Processes
    memories: Memories
    horizon: int
    n_categories: NDArray[np.int64]

    @property
    def n_cells(self) -> int:
        return len(self.processes.starts) - 1


def compile_paths(
    tables: Sequence[Intensities],
    start_indices: Sequence[int],
    horizon: int,
    automata: Sequence[PathAutomaton],
    *,
    cells: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
    any_move: bool = False,
) -> PathPlan:
    """Prepare the simulation of cells of patients over `horizon` days.

    tables and start_indices give the intensities and the baseline state index of each component; a component is a
    cell, unless `cells` (in order, none left out) and `weights` (summing to one within a cell) say which cell each
    belongs to: then each patient of the cell draws a component. Automata stop reading where the moves that `tables`
    allow leave nothing to be decided, or, for patients who have been seen to make `any_move`, where nothing is left
    whatever they do. InputError for what does not fit together, or an
    automaton's absorbing state that a process can leave.
    """
    from jaksim.simulate.process_tables import lay_out_automata, lay_out_processes

    check_components(tables, start_indices)
    check_automata(automata, tables, horizon)
    cell_of = np.arange(len(tables)) if cells is None else np.asarray(cells, dtype=np.int64)
    share = np.ones(len(tables)) if weights is None else np.asarray(weights, dtype=np.float64)
    if cell_of.shape != (len(tables),) or share.shape != (len(tables),):
        raise InputError("cells and weights must have one entry for each component", got=(cell_of.shape, share.shape))
    if cell_of[0] != 0 or np.any((np.diff(cell_of) != 0) & (np.diff(cell_of) != 1)):
        raise InputError("components must be listed cell by cell, from cell 0", got=cell_of.tolist())
    starts = np.searchsorted(cell_of, np.arange(cell_of[-1] + 2)).astype(np.int64)
    quantised = [
        quantise(share[low:high], where=f"component weights of cell {c}")
        for c, (low, high) in enumerate(itertools.pairwise(starts))
    ]
    processes = lay_out_processes(tables, start_indices, starts, quantised)
    reached = states_reached(tables) | any_move
    return PathPlan(
        processes=processes,
        memories=lay_out_automata(automata, reached, processes.state, int(processes.n_pieces)),
        horizon=horizon,
        n_categories=np.array([size for a in automata for size in a.part_sizes], dtype=np.int64),
    )


def check_components(tables: Sequence[Intensities], start_indices: Sequence[int]) -> None:
    """Refuse processes over different states and baseline states that do not exist."""
    if len(tables) == 0 or len(tables) != len(start_indices):
        raise InputError("one starting state is needed for each process", got=(len(tables), len(start_indices)))
    n_states = tables[0].generators.shape[-1]
    if n_states > MOST_STATES:
        raise InputError("too many states to simulate", allowed=f"at most {MOST_STATES}", got=n_states)
    for i, (table, start) in enumerate(zip(tables, start_indices, strict=True)):
        if table.generators.shape != (len(table.breaks), n_states, n_states):
            raise InputError("processes differ in their states", where=f"process {i}", got=table.generators.shape)
        fastest = float(np.max(-np.einsum("...ss->...s", table.generators), initial=0.0))
        if fastest > MOST_MOVES:
            raise InputError(
                "patients move too often to be followed one by one",
                where="intensities",
                allowed=f"at most {MOST_MOVES:,} moves a day from a state; ‹engine=law› takes any",
                got=fastest,
            )
        if not 0 <= start < n_states:
            raise InputError("no such starting state", where=f"process {i}", allowed=f"0 to {n_states - 1}", got=start)


def check_automata(automata: Sequence[PathAutomaton], tables: Sequence[Intensities], horizon: int) -> None:
    """Refuse automata over other days or states, or that count on an absorbing state that can be left."""
    n_states = tables[0].generators.shape[-1]
    if len(automata) == 0:
        raise InputError("no endpoint given", allowed="at least one automaton")
    for i, automaton in enumerate(automata):
        days, _, states = automaton.step.shape
        if (days, states) != (horizon, n_states):
            raise InputError(
                "an automaton does not fit the paths",
                where=f"automaton {i}",
                allowed=f"{horizon} days and {n_states} states",
                got=f"{days} days and {states} states",
            )
        for q, table in enumerate(tables):
            if any(np.any(np.delete(table.generators[:, s], s, axis=-1) > 0) for s in automaton.absorbing):
                raise InputError("an absorbing state of the endpoint can be left", where=f"automaton {i}, process {q}")


def path_tables(plan: PathPlan, sizes: ArrayLike, seed: int, first_replicate: int, out: NDArray[np.float64]) -> None:
    """Simulate replicates first_replicate .. first_replicate + B - 1 and count their endpoints' categories into `out`.

    sizes (B, C); `out` float64 is endpoint-major: endpoint e holds a C-contiguous array (B, C, K_e) after those of
    the endpoints before it. A patient depends on (seed, replicate, cell, number within the cell) alone.
    """
    patients = checked_sizes(sizes, plan.n_cells)
    table_start = checked_output(out, patients.shape, plan.n_categories)
    rng.check_address(replicate=first_replicate, cell=plan.n_cells - 1)
    rng.check_address(replicate=first_replicate + max(len(patients) - 1, 0))
    low, high = key_words(seed)

    from jaksim.kernel.paths import draw_path_tables

    purposes = np.array(PURPOSES, dtype=np.uint64)
    draw_path_tables(
        plan.processes,
        plan.memories,
        patients,
        purposes,
        int(first_replicate),
        low,
        high,
        table_start,
        plan.n_categories,
        int(plan.n_categories.sum()),
        out,
    )


def simulate_scores(plan: PathPlan, sizes: ArrayLike, seed: int, replicate: int) -> NDArray[np.int8]:
    """Daily state indices (n, horizon + 1) int8 of one replicate, baseline first, patients in the order of their cells.

    sizes (C,). The paths are those that `path_tables` counts.
    """
    patients = checked_sizes(np.asarray(sizes)[None], plan.n_cells)[0]
    rng.check_address(replicate=replicate, cell=plan.n_cells - 1)
    low, high = key_words(seed)

    from jaksim.kernel.paths import draw_states

    states = np.empty((int(patients.sum()), plan.horizon + 1), dtype=np.int8)
    purposes = np.array(PURPOSES, dtype=np.uint64)
    draw_states(plan.processes, np.uint64(plan.horizon), patients, purposes, np.uint64(replicate), low, high, states)
    return states

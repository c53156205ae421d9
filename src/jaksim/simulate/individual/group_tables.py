"""Intensities by group of moves, laid out for the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.simulate.process_tables import destinations_of, later_hazards, lay_out_processes, pieces_of

if TYPE_CHECKING:
    from jaksim.kernel.individual.sojourns import Groups
    from jaksim.kernel.walk import Processes

WHOLE = 2.0**32


@dataclass(frozen=True, eq=False)
class GroupedProcess:
    """The intensities of a process by group of moves: breaks (J,) and generators (G, J, S, S) per day, whose sum is the
    generator of a patient all factors of whom are 1. Group 0 has the factor 1."""

    breaks: Floats
    by_group: Floats

    @property
    def generators(self) -> Floats:
        """Generators (J, S, S) where all factors are 1."""
        found: Floats = self.by_group[0] if len(self.by_group) == 1 else self.by_group.sum(axis=0)
        return found


def lay_out_groups(
    processes: Sequence[GroupedProcess],
    start_indices: Sequence[int],
    starts: NDArray[np.int64],
    weights: Sequence[NDArray[np.uint64]],
    coefficients: Sequence[Floats],
) -> tuple[Processes, Groups]:
    """The arrays of `Processes` and `Groups` of the kernel.

    start_indices are the nodes in which the components of cells start, whose `starts` and `weights` are as of
    `lay_out_processes`; coefficients (G, T) are those of the groups of each cell, of which group 0 has none.
    """
    from jaksim.kernel.individual.sojourns import Groups

    n_states = processes[0].by_group.shape[-1]
    plain = lay_out_processes(processes, [0] * len(processes), starts, weights)
    rows, n_pieces = len(processes) * n_states * int(plain.n_pieces), int(plain.n_pieces)
    n_groups = max(len(found) for found in coefficients)
    hazard, exits = np.zeros((n_groups, rows)), np.zeros((n_groups, rows))
    hazard[0] = np.inf
    start = np.zeros(rows)
    choices: dict[int, list[tuple[int, int, float]]] = {}
    for q, process in enumerate(processes):
        pieces = len(process.breaks)
        for g, generators in enumerate(process.by_group):
            moves = np.where(np.eye(n_states, dtype=bool), 0.0, generators)
            fields = pieces_of(process.breaks, moves.sum(axis=2).T)
            for s in range(n_states):
                first = (q * n_states + s) * n_pieces
                at = slice(first, first + pieces)
                start[at], hazard[g, at], exits[g, at] = fields[s, :, 0], fields[s, :, 1], fields[s, :, 2]
            for j, s, d in np.argwhere(moves > 0.0).tolist():
                row = (q * n_states + s) * n_pieces + j
                choices.setdefault(row, []).append((d, g, float(moves[j, s, d])))
    most = max([1, *(len(found) for found in choices.values())])
    rate, group = np.zeros((most, rows)), np.zeros((most, rows), dtype=np.int64)
    threshold, alike = np.full((most, rows), WHOLE), np.ones(rows, dtype=bool)
    destination = np.repeat(np.arange(rows, dtype=np.uint64)[:, None] // np.uint64(n_pieces), most, axis=1)
    for row, found in choices.items():
        node, ordered = row // n_pieces, sorted(found)
        for d, (to, g, value) in enumerate(ordered):
            destination[row, d] = node // n_states * n_states + to
            rate[d, row], group[d, row] = value, g
        alike[row] = len({g for _, g, _ in found}) == 1
        if alike[row]:
            rates = np.zeros(n_states)
            for to, _, value in found:
                rates[to] = value
            cumulative = destinations_of(rates)[1]
            threshold[: len(cumulative), row] = cumulative
    onward = destination * np.uint64(n_pieces) + (np.arange(rows, dtype=np.uint64) % np.uint64(n_pieces))[:, None]
    later = [np.moveaxis(later_hazards(of_group.reshape(-1, n_pieces)), 2, 0).ravel() for of_group in hazard]
    later[1:] = [np.where(np.isfinite(later[0]), of_group, 0.0) for of_group in later[1:]]
    laid_out = plain._replace(
        n_destinations=np.uint64(most),
        destination=destination.ravel(),
        onward=onward.T.ravel(),
        threshold=np.zeros(0, dtype=np.uint64),
        type_node=np.asarray(start_indices, dtype=np.uint64),
    )
    return laid_out, Groups(
        coefficient=np.concatenate(coefficients),
        first=np.cumsum([0, *map(len, coefficients)], dtype=np.int64),
        start=start,
        hazard=hazard,
        exit=exits,
        later=np.array(later),
        rate=rate.ravel(),
        group=group.ravel(),
        alike=alike,
        threshold=threshold.ravel(),
    )

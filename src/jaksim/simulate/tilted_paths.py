"""Paths of patients whose intensities of getting better are a factor of their own times those of their cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jaksim import rng
from jaksim.arrays import Booleans, Floats
from jaksim.simulate.arguments import key_words
from jaksim.simulate.paths import PURPOSES, PathPlan

if TYPE_CHECKING:
    from jaksim.kernel.tilted_paths import Tilt
    from jaksim.kernel.walk import Processes
    from jaksim.simulate.process_tables import Intensities


@dataclass(frozen=True, eq=False)
class TiltedPlan:
    """Processes of every cell over some days, with the moves that the factor of a patient multiplies kept apart."""

    processes: Processes
    tilt: Tilt
    horizon: int
    n_strata: int


def tilted_plan(plan: PathPlan, tables: Sequence[Intensities], better: Booleans, n_strata: int) -> TiltedPlan:
    """A plan of the path door whose `tables` of the components have moves `better` (S, S) that factors multiply."""
    rng.check_address(cell=plan.n_cells - 1)
    return TiltedPlan(plan.processes, lay_out_tilt(plan.processes, tables, better), plan.horizon, n_strata)


def lay_out_tilt(processes: Processes, tables: Sequence[Intensities], better: Booleans) -> Tilt:
    """The arrays of `jaksim.kernel.tilted_paths.Tilt` beside those of the same processes."""
    from jaksim.kernel.tilted_paths import TILT_FIELDS, Tilt

    n_states, n_pieces = len(better), int(processes.n_pieces)
    n_chances = int(processes.n_destinations) - 1
    pieces = np.zeros((len(tables), n_states, n_pieces, TILT_FIELDS))
    pieces[..., 1] = np.inf
    chances = np.full((len(tables), n_states, n_pieces, n_chances, 2), np.inf)
    for q, table in enumerate(tables):
        for j, parts in enumerate(parts_of(table, better)):
            for s, (fields, up_to) in enumerate(parts):
                pieces[q, s, j] = fields
                chances[q, s, j, : len(up_to)] = up_to
    return Tilt(pieces.ravel(), chances.ravel())


def parts_of(table: Intensities, better: Booleans) -> list[list[tuple[Floats, Floats]]]:
    """For each piece and state the fields (5,) and chances (D - 1, 2) of `jaksim.kernel.tilted_paths.Tilt`."""
    off_diagonal = ~np.eye(len(better), dtype=bool)
    moves = [np.where(off_diagonal & own, table.generators, 0.0) for own in (~better, better)]
    exits = [one.sum(axis=2) for one in moves]
    days = np.diff(table.breaks)[:, None]
    hazards = [np.concatenate([np.zeros((1, len(better))), np.cumsum(one[:-1] * days, axis=0)]) for one in exits]
    found = []
    for j, start in enumerate(table.breaks):
        of_piece = []
        for s in range(len(better)):
            fields = np.array([start, hazards[0][j, s], exits[0][j, s], hazards[1][j, s], exits[1][j, s]])
            states = np.flatnonzero(moves[0][j, s] + moves[1][j, s] > 0.0)
            up_to = np.stack([np.cumsum(one[j, s, states])[:-1] for one in moves], axis=1)
            of_piece.append((fields, up_to))
        found.append(of_piece)
    return found


def tilted_states(
    plan: TiltedPlan,
    seed: int,
    replicate: int,
    stratum: NDArray[np.int8],
    arm: NDArray[np.int8],
    number: NDArray[np.uint32],
    factor: Floats,
) -> NDArray[np.int8]:
    """Daily state indices (n, horizon + 1) of patients with factors (n,), day of entry first."""
    from jaksim.kernel.tilted_paths import tilted_states as draw

    states = np.empty((len(factor), plan.horizon + 1), dtype=np.int8)
    draw(
        plan.processes,
        plan.tilt,
        np.uint64(plan.horizon),
        plan.n_strata,
        np.array(PURPOSES, dtype=np.uint64),
        np.uint64(replicate),
        np.array(key_words(seed), dtype=np.uint64),
        stratum,
        arm,
        number,
        factor,
        states,
    )
    return states

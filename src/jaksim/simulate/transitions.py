"""Tables of daily transitions: of the patients of the path door, or drawn exactly as a Markov chain of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from jaksim import rng
from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.arguments import checked_sizes, key_words
from jaksim.simulate.paths import PURPOSES, PathPlan

if TYPE_CHECKING:
    from jaksim.kernel.transitions import Chains

LARGEST_DRAW = 2**32


def path_transitions(plan: PathPlan, seen_as: ArrayLike, sizes: ArrayLike, seed: int, first_replicate: int) -> Floats:
    """Counts (B, C, H, R, R) of the transitions of the patients that `path_tables` counts, for sizes (B, C).

    seen_as (S,) is the score index 0 .. R - 1 of each state, -1 for one in which the patient is not seen.
    """
    patients = _checked(sizes, plan.n_cells, first_replicate)
    low, high = key_words(seed)
    seen = np.ascontiguousarray(seen_as, dtype=np.int64)

    from jaksim.kernel.transitions import count_path_transitions

    out = np.empty((*patients.shape, plan.horizon, int(seen.max()) + 1, int(seen.max()) + 1))
    purposes = np.array(PURPOSES, dtype=np.uint64)
    count_path_transitions(plan.processes, seen, patients, purposes, int(first_replicate), low, high, out)
    return out


@dataclass(frozen=True, eq=False)
class ChainPlan:
    """The Markov chains of daily states of every group of patients, cell by cell, ready to draw from."""

    chains: Chains
    seen_as: Integers

    @property
    def n_cells(self) -> int:
        return len(self.chains.starts) - 1


def compile_chains(
    P: ArrayLike, first: Sequence[int], cells: Sequence[int], shares: Sequence[float], seen_as: ArrayLike
) -> ChainPlan:
    """Prepare the groups with daily transition probabilities P (G, H, S, S) from state `first` (G,).

    `cells` (G,) is the cell of each group, in order and none left out, `shares` (G,) its share of the cell, `seen_as`
    as in `path_transitions`.
    """
    from jaksim.kernel.transitions import Chains

    daily = np.ascontiguousarray(P, dtype=np.float64)
    cell, share = np.asarray(cells, dtype=np.int64), np.asarray(shares, dtype=np.float64)
    starts = np.searchsorted(cell, np.arange(cell[-1] + 2)).astype(np.int64)
    largest = int(np.diff(starts).max()) * int(np.prod(daily.shape[1:]) + 1)
    if largest >= LARGEST_DRAW:
        raise InputError("too many states, days and types of patients to draw transitions", allowed="fewer of them")
    left = np.concatenate([np.cumsum(part[::-1])[::-1] for part in np.split(share, starts[1:-1])])
    of_rest = np.minimum(share / left, 1.0)
    of_rest[starts[1:] - 1] = 1.0
    rest = np.ascontiguousarray(np.cumsum(daily[..., ::-1], axis=-1)[..., ::-1])
    chains = Chains(starts, of_rest, np.asarray(first, dtype=np.int64), daily, rest)
    return ChainPlan(chains, np.ascontiguousarray(seen_as, dtype=np.int64))


def draw_transitions(plan: ChainPlan, sizes: ArrayLike, seed: int, first_replicate: int) -> Floats:
    """Draw counts (B, C, H, R, R) for sizes (B, C); a replicate depends on (seed, replicate, cell, size) alone."""
    patients = _checked(sizes, plan.n_cells, first_replicate)
    low, high = key_words(seed)

    from jaksim.kernel.transitions import draw_chain_transitions

    scores = int(plan.seen_as.max()) + 1
    out = np.empty((*patients.shape, plan.chains.P.shape[1], scores, scores))
    purpose = np.uint64(Purpose.TRANSITION)
    draw_chain_transitions(plan.chains, plan.seen_as, patients, purpose, int(first_replicate), low, high, out)
    return out


def _checked(sizes: ArrayLike, n_cells: int, first_replicate: int) -> Integers:
    patients = checked_sizes(sizes, n_cells)
    rng.check_address(replicate=first_replicate, cell=n_cells - 1)
    rng.check_address(replicate=first_replicate + max(len(patients) - 1, 0))
    return patients

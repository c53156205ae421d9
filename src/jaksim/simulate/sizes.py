"""How many patients each cell (arm x stratum) has in each replicate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import checked_law
from jaksim.simulate.arguments import key_words
from jaksim.simulate.law import LawTables, compile_laws, draw_tables

ROUNDING = 1e-9
SizeMode = Literal["fixed", "drawn"]


def draw_sizes(
    n_patients: int,
    stratum_weights: ArrayLike,
    allocation: Sequence[int],
    block_size: int,
    mode: SizeMode,
    seed: int,
    first_replicate: int,
    n: int,
) -> NDArray[np.int64]:
    """Cell sizes (n, A * S) of replicates first_replicate .. first_replicate + n - 1; cell = arm * S + stratum.

    stratum_weights (S,) sum to one, allocation (A,) are whole parts such as 2, 1. "fixed" gives every replicate the
    expected sizes, rounded by largest remainder; "drawn" draws the strata of the patients and allocates each stratum by
    permuted blocks of block_size (a multiple of the parts' sum), the last block cut short.
    """
    parts = checked_allocation(allocation, block_size)
    rng.check_address(patient=n_patients)
    rng.check_address(replicate=first_replicate)
    rng.check_address(replicate=first_replicate + max(n - 1, 0))
    if mode not in ("fixed", "drawn"):
        raise InputError("unknown way to set stratum sizes", allowed=("fixed", "drawn"), got=mode)
    low, high = key_words(seed)
    if mode == "fixed":
        share = checked_law(stratum_weights, where="stratum weights")
        return np.tile(expected_sizes(n_patients, share, parts), (n, 1))
    strata = _strata(tuple(np.asarray(stratum_weights, dtype=np.float64).tolist()))
    n_strata = strata.n_categories
    drawn = np.empty(n * n_strata)
    draw_tables(
        strata,
        np.arange(n_strata)[None],
        [n_strata],
        np.full((n, 1), n_patients),
        seed,
        first_replicate,
        drawn,
        purposes=(Purpose.STRATUM_SIZE, Purpose.STRATUM_SPLIT),
        single_splits=True,
    )

    from jaksim.kernel.entering.allocation import allocate

    cells = np.empty((n, len(parts) * n_strata), dtype=np.int64)
    per_block = parts * (block_size // int(parts.sum()))
    purpose = np.uint64(Purpose.ALLOCATION)
    allocate(
        drawn.astype(np.int64).reshape(n, n_strata),
        per_block,
        block_size,
        purpose,
        int(first_replicate),
        low,
        high,
        cells,
    )
    return cells


@lru_cache(maxsize=8)
def _strata(weights: tuple[float, ...]) -> LawTables:
    return compile_laws([weights])


def checked_allocation(allocation: Sequence[int], block_size: int) -> NDArray[np.int64]:
    """Allocation parts (A,) as int64; InputError unless they are positive and their sum divides the block size."""
    parts = np.asarray(allocation)
    if parts.ndim != 1 or not len(parts) or not np.issubdtype(parts.dtype, np.integer) or parts.min() < 1:
        raise InputError("allocation must be whole positive parts", allowed="for example 1, 1 or 2, 1", got=allocation)
    total = int(parts.sum())
    if block_size < total or block_size % total:
        raise InputError("block size does not fit the allocation", allowed=f"a multiple of {total}", got=block_size)
    return parts.astype(np.int64)


def largest_remainder(total: int, share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers nearest to total * share that sum to total; ties go to the first."""
    exact = total * share
    whole = np.floor(exact + ROUNDING).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def expected_sizes(n_patients: int, stratum_share: NDArray[np.float64], parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Expected cell sizes (A * S,) in whole patients, each off by less than one.

    Strata are rounded by largest remainder; the odd patients of a stratum go one each to the arms furthest below their
    share of the whole trial so far.
    """
    strata = largest_remainder(n_patients, stratum_share)
    share = parts / parts.sum()
    cells = np.floor(np.outer(share, strata) + ROUNDING).astype(np.int64)
    for s, odd in enumerate(strata - cells.sum(axis=0)):
        shortfall = share * n_patients - cells.sum(axis=1)
        uneven = share * strata[s] > cells[:, s] + ROUNDING
        arms = np.argsort(np.where(uneven, -shortfall, np.inf), kind="stable")
        cells[arms[:odd], s] += 1
    return cells.ravel()

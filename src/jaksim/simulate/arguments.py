"""Checks shared by the two doors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.errors import InputError


def key_words(seed: int) -> tuple[np.uint64, np.uint64]:
    """The Philox key of a seed, low word first."""
    rng.check_address(seed=seed)
    return np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)


def checked_sizes(sizes: ArrayLike, n_cells: int) -> NDArray[np.int64]:
    """Cell sizes (B, C) as contiguous int64, each from 0 to 2**32 - 1."""
    patients = np.ascontiguousarray(sizes, dtype=np.int64)
    if patients.ndim != 2 or patients.shape[1] != n_cells:
        raise InputError(
            "cell sizes do not match the cells", allowed=f"shape (replicates, {n_cells})", got=patients.shape
        )
    if patients.size:
        rng.check_address(patient=int(patients.min()))
        rng.check_address(patient=int(patients.max()))
    return patients


def checked_output(
    out: NDArray[np.float64], shape: tuple[int, ...], n_categories: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where each endpoint's table starts in `out`; InputError if `out` is not flat float64 of the right length."""
    lengths = shape[0] * shape[1] * n_categories
    if out.dtype != np.float64 or out.shape != (int(lengths.sum()),) or not out.flags.c_contiguous:
        raise InputError(
            "the output does not fit the tables",
            allowed=f"float64, shape ({int(lengths.sum())},)",
            got=(out.dtype, out.shape),
        )
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[:-1], dtype=np.int64)])

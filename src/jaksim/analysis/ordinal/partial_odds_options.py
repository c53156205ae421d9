"""Which cut-points of a scale have a log odds ratio of their own, and which is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError

WHERE = "method partial_proportional_odds, option"


def odds_ratio_basis(free: str | int | Sequence[int], n_groups: int) -> NDArray[np.float64]:
    """Log odds ratios of the cut-points as functions of parameters (n_groups - 1, q), the first the common part."""
    m = max(n_groups - 1, 0)
    if free == "linear":
        return np.column_stack([np.ones(m), np.arange(m, dtype=np.float64)])
    numbers = list(range(1, m + 1)) if free == "all" else _numbers(free, m)
    own = [np.arange(1, m + 1) == number for number in numbers]
    return np.ascontiguousarray(np.column_stack([np.ones(m), *own]).astype(np.float64))


def cut_behind(cut: str | int, n_groups: int) -> int:
    """Number, from 0, of the category before the cut-point; -1 for the mean of all."""
    if cut == "mean":
        return -1
    return _number(cut, max(n_groups - 1, 0), "cut", "mean") - 1


def _numbers(free: str | int | Sequence[int], m: int) -> list[int]:
    parts = free.split(",") if isinstance(free, str) else [free] if isinstance(free, int) else list(free)
    return sorted({_number(part, m, "free", "all, linear") for part in parts})


def _number(given: object, m: int, option: str, words: str) -> int:
    try:
        number = int(given.strip()) if isinstance(given, str) else given
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1 or (m and number > m):
        allowed = f"{words} or a cut-point, 1 to {m}" if m else f"{words} or the number of a cut-point"
        raise InputError("unknown cut-point", where=f"{WHERE} {option}", allowed=allowed, got=given)
    return number

"""The outcome of each enrolled patient from the exact law of her arm and stratum."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.alias import category_of
from jaksim.kernel.jit import kernel

_ONE = np.uint64(1)


@kernel
def law_outcomes(
    columns: Any,
    column_start: Any,
    column_bits: Any,
    category: Any,
    start: Any,
    n_strata: int,
    first: Any,
    last: Any,
    stratum: Any,
    arm: Any,
    word: Any,
    out: Any,
) -> None:
    """Joint category of patients first[b] .. last[b] - 1 into out (B, N) int32, by the alias table of their cell."""
    for b in range(first.shape[0]):
        for i in range(first[b], last[b]):
            c = arm[b, i] * n_strata + stratum[b, i]
            shift = np.uint64(32 - column_bits[c])
            mask = (_ONE << shift) - _ONE
            drawn = category_of(word[b, i], columns, column_start[c], shift, mask)
            out[b, i] = category[start[c] + np.int64(drawn)]

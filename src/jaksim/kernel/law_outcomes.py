"""The outcome of each enrolled patient from the exact law of her arm and stratum."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import kernel

MOST_CATEGORIES = 1 << 16
_LOW = np.uint64(0xFFFF)
_SHORT = np.uint64(16)
_HALF = np.uint64(32)
_SIGN = np.uint64(63)


class Outcomes(NamedTuple):
    """Alias tables of the cells, one after the other from start uint64 (C,) on, for one look-up a patient.

    columns uint64: the threshold of a column in the upper half, as in `jaksim.kernel.alias`, then the numbers in 16
    bits of its own category and of its alias. shift, mask uint64 (C,): the high bits of a word name the
    column, the low ones are compared with the threshold."""

    columns: Any
    start: Any
    shift: Any
    mask: Any


@kernel
def law_outcomes(
    laws: Outcomes, n_strata: int, first: Any, last: Any, stratum: Any, arm: Any, word: Any, out: Any
) -> None:
    """Joint category of patients first[b] .. last[b] - 1 into out (B, N) int32, by the alias table of their cell."""
    strata = np.uint64(n_strata)
    for b in range(first.shape[0]):
        # Rows from the first patient on, whose numbers are then known not to be counted from the end.
        strata_of, arms, words = stratum[b, first[b] :], arm[b, first[b] :], word[b, first[b] :]
        categories = out[b, first[b] :]
        for i in range(last[b] - first[b]):
            c = np.uint64(arms[i]) * strata + np.uint64(strata_of[i])
            drawn = np.uint64(words[i])
            column = laws.columns[laws.start[c] + (drawn >> laws.shift[c])]
            # All ones below the threshold: selected by mask, since a branch would often be mispredicted.
            inside = ((drawn & laws.mask[c]) - (column >> _HALF)) >> _SIGN
            categories[i] = np.int32((column >> (_SHORT * inside)) & _LOW)

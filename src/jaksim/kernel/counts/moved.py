"""Tables of counts of cells that have a few patients more or less than others, from the tables of those."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.alias import CHUNK, category_of, draw_words
from jaksim.kernel.jit import kernel
from jaksim.kernel.law import Laws, Targets
from jaksim.kernel.philox import PLANES

_PURPOSE = np.uint64(24)
_ONE = np.uint64(1)


@kernel
def move_by_alias(
    laws: Laws,
    targets: Targets,
    before: Any,
    after: Any,
    purpose: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    out: Any,
) -> None:
    """Make `out`, the tables of cells of `before` patients, those of `after`, both int64 (B, C).

    For cells that are drawn patient by patient: patient i has word i of her cell's stream whatever the size of the
    cell, so that those between the two sizes come in or are taken out again. See `jaksim.kernel.law.draw_by_alias`,
    whose tables these are.
    """
    words = np.empty(PLANES * CHUNK, np.uint32)
    n_cells = before.shape[1]
    for b in range(before.shape[0]):
        for c in range(n_cells):
            low = min(before[b, c], after[b, c])
            high = max(before[b, c], after[b, c])
            change = 1.0 if after[b, c] > before[b, c] else -1.0
            start = np.uint64(laws.start[c])
            column = laws.column_start[c]
            shift = np.uint64(32 - laws.column_bits[c])
            mask = (_ONE << shift) - _ONE
            address = np.uint64(c) | purpose << _PURPOSE
            row = b * n_cells + c
            while low < high:
                first = low // PLANES
                last = min(high, PLANES * (first + CHUNK))
                n_blocks = (last + PLANES - 1) // PLANES - first
                draw_words(np.uint64(first), n_blocks, np.uint64(first_replicate + b), address, k0, k1, words)
                for i in range(low, last):
                    place = CHUNK * (i % PLANES) + i // PLANES - first
                    drawn = start + category_of(words[place], laws.columns, column, shift, mask)
                    for e in range(targets.table_size.shape[0]):
                        offset = np.uint64(targets.table_start[e] + row * targets.table_size[e])
                        out[offset + targets.target[e, drawn]] += change
                low = last

"""Counts of a small multinomial: one word and one alias table look-up per patient.

The table has a power of two of columns. The high bits of a word name the column, the low bits are compared with the
column's threshold: below it the category is the column itself, otherwise the column's alias. A column is packed as
threshold << 32 | alias. Source: Walker (1977), Vose (1991), on integer weights, so without rounding.
"""

from __future__ import annotations

import numpy as np

from jaksim.kernel.jit import inlined, kernel
from jaksim.kernel.philox import PLANES, fill_blocks

CHUNK = 256
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_SIGN = np.uint64(63)
_NONE = np.uint64(0)


@inlined
def category_of(word, columns, start, shift, low_mask):
    """Category (uint64) drawn by one word; selected by mask, since a branch would often be mispredicted."""
    column = np.uint64(word) >> shift
    packed = columns[start + column]
    alias = packed & _LOW
    inside = ((np.uint64(word) & low_mask) - (packed >> _HALF)) >> _SIGN
    return alias ^ ((alias ^ column) & (_NONE - inside))


@kernel
def alias_counts(n, columns, start, bits, replicate, cell, k0, k1, planes, tally):
    """Add the counts of n patients to tally (4, categories) int32, which is kept in four parts to shorten the chains of
    additions to one place; planes (4, CHUNK) uint32 is scratch."""
    shift = np.uint64(32 - bits)
    low_mask = (np.uint64(1) << shift) - np.uint64(1)
    block = 0
    while n > 0:
        patients = min(n, PLANES * CHUNK)
        full = patients // PLANES
        fill_blocks(block, (patients + PLANES - 1) // PLANES, np.uint64(0), replicate, cell, k0, k1, planes)
        for i in range(full):
            for w in range(PLANES):
                tally[w, category_of(planes[w, i], columns, start, shift, low_mask)] += np.int32(1)
        for w in range(patients - PLANES * full):
            tally[w, category_of(planes[w, full], columns, start, shift, low_mask)] += np.int32(1)
        n -= patients
        block += CHUNK

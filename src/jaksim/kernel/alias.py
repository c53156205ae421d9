"""Counts of a small multinomial: one word and one alias table look-up per patient.

The table has a power of two of columns. The high bits of a word name the column, the low bits are compared with the
column's threshold: below it the category is the column itself, otherwise the column's alias. A column is packed as
threshold << 32 | alias. Source: Walker (1977), Vose (1991), on integer weights, so without rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner, merged
from jaksim.kernel.philox import PLANES, block

CHUNK = 256
TOGETHER = 8
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_SIGN = np.uint64(63)
_NONE, _ONE, _TWO, _THREE = (np.uint64(i) for i in range(4))
_CHUNK = np.uint64(CHUNK)
_COUNT = np.uint32(1)


@inlined
def category_of(word: Any, columns: Any, start: Any, shift: Any, low_mask: Any) -> Any:
    """Category (uint64) drawn by one word; selected by mask, since a branch would often be mispredicted."""
    column = np.uint64(word) >> shift
    packed = columns[start + column]
    alias = packed & _LOW
    inside = ((np.uint64(word) & low_mask) - (packed >> _HALF)) >> _SIGN
    return alias ^ ((alias ^ column) & (_NONE - inside))


@inlined
def draw_words(first: Any, n_blocks: int, replicate: Any, cell: Any, k0: Any, k1: Any, words: Any) -> None:
    """Philox blocks first .. first + n_blocks - 1 of a stream, word w of block i to words[CHUNK * w + i].

    And a few more: eight together are made in vector instructions, at the cost of two that are made one by one.
    """
    for i in range((n_blocks + TOGETHER - 1) // TOGETHER * TOGETHER):
        w0, w1, w2, w3 = block(first + np.uint64(i), _NONE, replicate, cell, k0, k1)
        words[i] = np.uint32(w0)
        words[CHUNK + i] = np.uint32(w1)
        words[2 * CHUNK + i] = np.uint32(w2)
        words[3 * CHUNK + i] = np.uint32(w3)


@merged
def alias_counts(
    n: int,
    columns: Any,
    start: Any,
    bits: int,
    replicate: Any,
    cell: Any,
    k0: Any,
    k1: Any,
    n_categories: int,
    words: Any,
    tally: Any,
) -> None:
    """Add the counts of n patients to tally, uint32 (4 * n_categories,): one part for each word of a block.

    Four parts because an addition to the place of the addition before it would have to wait. words uint32
    (4 * CHUNK,) is scratch.
    """
    shift = np.uint64(32 - bits)
    low_mask = (_ONE << shift) - _ONE
    part = np.uint64(n_categories)
    first = _NONE
    while n > 0:
        patients = min(n, PLANES * CHUNK)
        draw_words(first, (patients + PLANES - 1) // PLANES, replicate, cell, k0, k1, words)
        full = np.uint64(patients // PLANES)
        for i in range(full):
            tally[category_of(words[i], columns, start, shift, low_mask)] += _COUNT
            tally[part + category_of(words[_CHUNK + i], columns, start, shift, low_mask)] += _COUNT
            tally[part * _TWO + category_of(words[_CHUNK * _TWO + i], columns, start, shift, low_mask)] += _COUNT
            tally[part * _THREE + category_of(words[_CHUNK * _THREE + i], columns, start, shift, low_mask)] += _COUNT
        for w in range(np.uint64(patients % PLANES)):
            tally[part * w + category_of(words[_CHUNK * w + full], columns, start, shift, low_mask)] += _COUNT
        n -= patients
        first += _CHUNK


@inner
def alias_places(
    n: int,
    columns: Any,
    start: Any,
    bits: int,
    replicate: Any,
    cell: Any,
    k0: Any,
    k1: Any,
    place: Any,
    low: Any,
    n_places: int,
    words: Any,
    tally: Any,
) -> None:
    """Add n patients to tally, uint32 (4 * n_places,), at the place place[e, low + category] of each endpoint e.

    The same patients as those of `alias_counts`, for many categories that most replicates leave empty.
    """
    shift = np.uint64(32 - bits)
    low_mask = (_ONE << shift) - _ONE
    part = np.uint64(n_places)
    first = _NONE
    while n > 0:
        patients = min(n, PLANES * CHUNK)
        n_blocks = (patients + PLANES - 1) // PLANES
        draw_words(first, n_blocks, replicate, cell, k0, k1, words)
        for w in range(np.uint64(PLANES)):
            for i in range(np.uint64(n_blocks)):
                words[_CHUNK * w + i] = category_of(words[_CHUNK * w + i], columns, start, shift, low_mask)
        full = np.uint64(patients // PLANES)
        for e in range(np.uint64(place.shape[0])):
            for i in range(full):
                tally[place[e, low + np.uint64(words[i])]] += _COUNT
                tally[part + place[e, low + np.uint64(words[_CHUNK + i])]] += _COUNT
                tally[part * _TWO + place[e, low + np.uint64(words[_CHUNK * _TWO + i])]] += _COUNT
                tally[part * _THREE + place[e, low + np.uint64(words[_CHUNK * _THREE + i])]] += _COUNT
            for w in range(np.uint64(patients % PLANES)):
                tally[part * w + place[e, low + np.uint64(words[_CHUNK * w + full])]] += _COUNT
        n -= patients
        first += _CHUNK

"""Counts of a multinomial in two stages: independent Poissons of a smaller total, then the patients who are missing.

Poisson counts whose means are in the proportions of the law are, given their sum, multinomial of that sum. So the
counts of n patients are those of Poissons with a mean total below n, drawn again where they exceed n, and the rest
patient by patient: exact whatever the mean total, at a cost of the categories and of some root n patients. The mean
total is the square of half a whole number, the `level`, so that a few levels serve all sizes a cell has in a trial.
Source: Brown and Bromberg (1984), "An efficient two-stage procedure for generating random variates from the multinomial
distribution", The American Statistician 38.

Each Poisson is drawn from its alias table by a word of 64 bits: its high bits name a column, the next 48 are compared
with the column's threshold. A column is packed as threshold << 16 | alias, and stands for a count less the lowest.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.alias import CHUNK, TOGETHER, alias_counts
from jaksim.kernel.jit import inlined, kernel, merged
from jaksim.kernel.law import BATCH, Laws, Targets, counted, poissons_pay, spread
from jaksim.kernel.philox import PLANES, block

SLACK = 0.25
THRESHOLD_BITS = 48
_ALIAS_BITS = np.uint64(16)
_ALIAS = np.uint64(0xFFFF)
_PLACE = np.uint64(6)
_SHIFT = np.uint64(63)
_SIGN = np.uint64(63)
_HALF = np.uint64(32)
_PURPOSE = np.uint64(24)
_NONE, _ONE = np.uint64(0), np.uint64(1)


class Poissons(NamedTuple):
    """Alias tables of the counts of each cell's categories at the levels in use.

    Cell c at a level has row row[c] + level, for row int64 (C,). The tables of a row are those from entry[row] on, one
    for each category, and their lowest counts together are least[row], both int64. A table's lowest count is low
    (int64); place (uint64) holds where its columns begin, times 64, plus 64 less the power of two that they number.
    """

    row: Any
    entry: Any
    least: Any
    low: Any
    place: Any
    columns: Any


@inlined
def level(n: int) -> Any:
    """Level of a cell of n patients: the highest whose mean total lies SLACK standard deviations or more below n."""
    return np.int64(math.sqrt(SLACK * SLACK + 4.0 * n) - SLACK)


@inlined
def width_of(place: Any) -> Any:
    """Number of columns of a table."""
    return np.int64(1) << np.int64((_NONE - place) & _SHIFT)


@inlined
def drawn(word: Any, columns: Any, place: Any) -> Any:
    """Count less the lowest (uint64) drawn by a word of 64 bits."""
    column = word >> (place & _SHIFT)
    packed = columns[(place >> _PLACE) + column]
    alias = packed & _ALIAS
    inside = (((word << ((_NONE - place) & _SHIFT)) >> _ALIAS_BITS) - (packed >> _ALIAS_BITS)) >> _SIGN
    return alias ^ ((alias ^ column) & (_NONE - inside))


@merged
def poisson_counts(
    n: int, k: int, p: Poissons, row: int, replicate: Any, cell: Any, k0: Any, k1: Any, words: Any, out: Any
) -> Any:
    """Poisson counts, less their lowest, of k categories into out[:k] (int64), drawn until they do not exceed n.

    Returns how many patients are missing. words uint64 (>= k + 15,) is scratch.
    """
    first = np.uint64(p.entry[row])
    most = n - p.least[row]
    half = np.uint64((k + 2 * TOGETHER - 1) // (2 * TOGETHER) * TOGETHER)
    trial = _NONE
    while True:
        for i in range(half):
            w0, w1, w2, w3 = block(trial, i, replicate, cell, k0, k1)
            words[i] = w0 << _HALF | w1
            words[half + i] = w2 << _HALF | w3
        total = np.int64(0)
        for i in range(np.uint64(k)):
            x = np.int64(drawn(words[i], p.columns, p.place[first + i]))
            out[i] = x
            total += x
        if total <= most:
            return most - total
        trial += _ONE


@merged
def add_up(count: Any, low: Any, first: int, tally: Any, n: int, out: Any) -> None:
    """The n counts with their lowest and those of a tally of n places to out[:n]; leaves the tally zero."""
    places, start = np.uint64(n), np.uint64(first)
    for i in range(places):
        out[i] = counted(tally, places, i) + np.float64(count[i] + low[start + i])
    for i in range(places * np.uint64(PLANES)):
        tally[i] = 0


@kernel
def draw_by_poissons(
    laws: Laws, targets: Targets, p: Poissons, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any,
    out: Any,
) -> None:  # fmt: skip
    """As `jaksim.kernel.law.draw_by_alias`, for the cells for whose sizes Poissons pay."""
    words = np.empty(PLANES * CHUNK, np.uint32)
    long_words = np.empty(laws.most + 2 * TOGETHER, np.uint64)
    tally = np.zeros(PLANES * laws.most, np.uint32)
    count = np.empty(laws.most, np.int64)
    row_count = np.empty(laws.most, np.float64)
    n_cells = sizes.shape[1]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            patients = np.uint64(c) | purposes[0] << _PURPOSE
            counts = np.uint64(c) | purposes[1] << _PURPOSE
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                if not poissons_pay(n, k):
                    continue
                replicate = np.uint64(first_replicate + b)
                row = p.row[c] + level(n)
                missing = poisson_counts(n, k, p, row, replicate, counts, k0, k1, long_words, count)
                alias_counts(
                    missing, laws.columns, laws.column_start[c], laws.column_bits[c], replicate, patients, k0, k1, k,
                    words, tally,
                )  # fmt: skip
                add_up(count, p.low, p.entry[row], tally, k, row_count)
                spread(row_count, k, targets, c, start, b * n_cells + c, out)


@kernel
def fill_poissons(mean: Any, low: Any, place: Any, columns: Any) -> None:
    """Fill the columns of Poissons of these means (float64), with `low` and `place` of `Poissons`.

    Probabilities by recurrence from the mode, in whole multiples of 2**-48 of a column; what rounding leaves goes to
    the mode. Source: Vose (1991), as `jaksim.simulate.alias_table.alias_columns`.
    """
    most = np.int64(0)
    for i in range(len(mean)):
        most = max(most, width_of(place[i]))
    probability, mass = np.empty(most), np.empty(most, np.int64)
    short, tall = np.empty(most, np.int64), np.empty(most, np.int64)
    height = 1 << THRESHOLD_BITS
    for i in range(len(mean)):
        width = width_of(place[i])
        first = place[i] >> _PLACE
        mode = np.int64(mean[i]) - low[i]
        probability[mode] = 1.0
        total = 1.0
        for x in range(mode + 1, width):
            probability[x] = probability[x - 1] * (mean[i] / (low[i] + x))
            total += probability[x]
        for x in range(mode - 1, -1, -1):
            probability[x] = probability[x + 1] * ((low[i] + x + 1) / mean[i])
            total += probability[x]
        whole = height * width
        left = whole
        for x in range(width):
            mass[x] = np.int64(probability[x] / total * whole + 0.5)
            left -= mass[x]
        mass[mode] += left
        n_short, n_tall = 0, 0
        for x in range(width):
            if mass[x] < height:
                short[n_short] = x
                n_short += 1
            else:
                tall[n_tall] = x
                n_tall += 1
            columns[first + np.uint64(x)] = x
        while n_short > 0:
            n_short -= 1
            x, high = short[n_short], tall[n_tall - 1]
            columns[first + np.uint64(x)] = mass[x] << np.int64(_ALIAS_BITS) | high
            mass[high] -= height - mass[x]
            if mass[high] < height:
                n_tall -= 1
                short[n_short] = high
                n_short += 1

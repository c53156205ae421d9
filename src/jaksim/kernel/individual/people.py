"""What the patients of a batch bring along: latents from addressed words, and characteristics as functions of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.courses import BATCH, Courses
from jaksim.kernel.individual.exponent import exponent
from jaksim.kernel.individual.quantile import normal_quantiles
from jaksim.kernel.jit import apart, inlined, inner
from jaksim.kernel.philox import block, unit

STEPS, LINE, EXPONENTIAL, TABLE, SPLINE = range(5)
MOST_LISTED = 8
NO_CELL = np.uint64((1 << 24) - 1)
_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


class People(NamedTuple):
    """The law of characteristics, and what of it effects multiply, as kernels read them.

    shared int64 (d,) is the number of sites whose patients share a latent, 0 where each has her own.
    cholesky (d, d) makes latents of independent ones. Patients of stratum s are eligible where latent k is in one of
    the intervals allowed_at[s * d + k] .. allowed_at[s * d + k + 1] - 1, from low to high. Characteristic i is, in
    stratum s, the function number curve[s, i] of latent[i]; term t is the function number term_curve[t] of
    characteristic term_of[t]. Functions have a code of those above and their numbers from curve_at[number] on.
    """

    n_latents: int
    shared: Any
    cholesky: Any
    allowed_at: Any
    low: Any
    high: Any
    latent: Any
    curve: Any
    term_of: Any
    term_curve: Any
    code: Any
    curve_at: Any
    numbers: Any


class Found(NamedTuple):
    """Of a batch of patients: latent (d, BATCH), value (P, BATCH) of each characteristic, term (T, BATCH) of each
    effect; and room."""

    latent: Any
    value: Any
    term: Any
    unit: Any
    normal: Any
    outer: Any
    waiting: Any


@inlined
def empty_found(n_latents: int, n_values: int, n_terms: int) -> Any:
    """Room for a batch."""
    return Found(
        latent=np.empty((n_latents, BATCH), np.float64),
        value=np.empty((n_values, BATCH), np.float64),
        term=np.empty((n_terms, BATCH), np.float64),
        unit=np.empty((n_latents + 1, BATCH), np.float64),
        normal=np.empty((n_latents + 1, BATCH), np.float64),
        outer=np.empty(BATCH, np.int64),
        waiting=np.empty(BATCH, np.int64),
    )


@apart
def draw_units(c: Courses, found: Found, pair: int, number: Any, address: Any, n: int, k0: Any, k1: Any) -> None:
    """Two numbers between 0 and 1 of block `number` of the streams of n waiting patients."""
    for i in range(n):
        own = c.stream[found.waiting[i]]
        w0, w1, w2, w3 = block(number, own & _LOW, own >> _HALF, address, k0, k1)
        found.unit[pair, i] = unit(w0, w1)
        found.unit[pair + 1, i] = unit(w2, w3)


@apart
def correlate(people: People, found: Found, k: int, n: int) -> None:
    """Latent k of n waiting patients, of the independent ones up to k."""
    for i in range(n):
        found.unit[k, i] = people.cholesky[k, k] * found.normal[k, i]
    for m in range(k):
        weight = people.cholesky[k, m]
        if weight != 0.0:
            for i in range(n):
                found.unit[k, i] += weight * found.normal[m, i]
    for i in range(n):
        found.latent[k, found.waiting[i]] = found.unit[k, i]


@inner
def turned_away(people: People, found: Found, stratum: int, n: int) -> int:
    """List those of n waiting patients who are not eligible; returns how many."""
    left = 0
    for i in range(n):
        who = found.waiting[i]
        eligible = True
        for k in range(people.n_latents):
            at = stratum * people.n_latents + k
            inside = False
            for j in range(people.allowed_at[at], people.allowed_at[at + 1]):
                inside |= people.low[j] <= found.latent[k, who] < people.high[j]
            eligible &= inside
        if not eligible:
            found.waiting[left] = who
            left += 1
    return left


@inner
def draw_latents(
    people: People, c: Courses, found: Found, stratum: int, address: Any, n: int, k0: Any, k1: Any
) -> None:
    """Latents of the n patients of a batch, who are drawn anew, with the words that follow, until they are eligible."""
    d = people.n_latents
    blocks = (d + 1) // 2
    for i in range(n):
        found.waiting[i] = i
    left, attempt = n, 0
    while left > 0:
        for j in range(blocks):
            draw_units(c, found, 2 * j, np.uint64(attempt * blocks + j), address, left, k0, k1)
        for k in range(d):
            normal_quantiles(found.unit[k], left, found.outer, found.normal[k])
        for k in range(d):
            correlate(people, found, k, left)
        left = turned_away(people, found, stratum, left) if people.low.shape[0] > 0 else 0
        attempt += 1


@apart
def listed_steps(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """A step function with few steps."""
    size = np.int64(numbers[at])
    for i in range(n):
        out[i] = numbers[at + size]
    for k in range(1, size):
        cut, value = numbers[at + k], numbers[at + size + k]
        for i in range(n):
            out[i] = value if x[i] >= cut else out[i]


@inner
def searched_steps(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """A step function with many steps."""
    size = np.int64(numbers[at])
    for i in range(n):
        low, high = np.int64(0), size - 1
        while low < high:
            middle = (low + high) // 2
            if x[i] >= numbers[at + 1 + middle]:
                low = middle + 1
            else:
                high = middle
        out[i] = numbers[at + size + low]


@apart
def line(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """A line: where it is at 0, and its slope."""
    for i in range(n):
        out[i] = numbers[at] + numbers[at + 1] * x[i]


@apart
def exponential_line(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """The exponential of a line."""
    for i in range(n):
        out[i] = exponent(numbers[at] + numbers[at + 1] * x[i])


@apart
def hermite(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """Cubic Hermite polynomials between values and slopes at equal steps."""
    size, first, step = np.int64(numbers[at]), numbers[at + 1], numbers[at + 2]
    values, slopes = at + 3, at + 3 + size
    last = np.float64(size - 1)
    for i in range(n):
        along = min(max((x[i] - first) / step, 0.0), last)
        j = min(np.int64(along), size - 2)
        t = along - j
        a, b = numbers[values + j], numbers[values + j + 1]
        p, q = numbers[slopes + j] * step, numbers[slopes + j + 1] * step
        out[i] = a + t * (p + t * (3.0 * (b - a) - 2.0 * p - q + t * (2.0 * (a - b) + p + q)))


@apart
def spline(numbers: Any, at: int, n: int, x: Any, out: Any) -> None:
    """Cubics from so many starts on, each by powers of the distance from its start."""
    size = np.int64(numbers[at])
    start, cubic = at + 1, at + 1 + size
    for i in range(n):
        j = 0
        for k in range(1, size):
            j += x[i] >= numbers[start + k]
        along = x[i] - numbers[start + j]
        first = cubic + 4 * j
        out[i] = numbers[first] + along * (
            numbers[first + 1] + along * (numbers[first + 2] + along * numbers[first + 3])
        )


@inner
def apply_curve(people: People, number: int, n: int, x: Any, out: Any) -> None:
    """Function `number` of x[:n] into out[:n]."""
    code, at = people.code[number], people.curve_at[number]
    if code == STEPS:
        if people.numbers[at] <= MOST_LISTED:
            listed_steps(people.numbers, at, n, x, out)
        else:
            searched_steps(people.numbers, at, n, x, out)
    elif code == LINE:
        line(people.numbers, at, n, x, out)
    elif code == EXPONENTIAL:
        exponential_line(people.numbers, at, n, x, out)
    elif code == TABLE:
        hermite(people.numbers, at, n, x, out)
    else:
        spline(people.numbers, at, n, x, out)


@inner
def share_latents(people: People, c: Courses, found: Found, cell: Any, purpose: Any, n: int, k0: Any, k1: Any) -> None:
    """Put the latents of her site in place of those that each patient shares with others: she is of the site that her
    first word in the stream of this purpose chooses, whose own words have the address of no cell."""
    for k in range(people.n_latents):
        if people.shared[k] > 0:
            for i in range(n):
                own = c.stream[i]
                w0, _, _, _ = block(_ZERO, own & _LOW, own >> _HALF, cell | purpose << _PURPOSE, k0, k1)
                site = w0 * np.uint64(people.shared[k]) >> _HALF
                w0, w1, _, _ = block(np.uint64(k), site, own >> _HALF, NO_CELL | purpose << _PURPOSE, k0, k1)
                found.unit[0, i] = unit(w0, w1)
            normal_quantiles(found.unit[0], n, found.outer, found.latent[k])


@inner
def draw_people(
    people: People, c: Courses, found: Found, cell: int, stratum: int, purposes: Any, n: int, k0: Any, k1: Any
) -> None:
    """Characteristics of the n patients of a batch, of one cell, whose streams are known, and the terms of effects;
    `purposes` (2,) are those of the words of patients and of sites."""
    draw_latents(people, c, found, stratum, np.uint64(cell) | purposes[0] << _PURPOSE, n, k0, k1)
    share_latents(people, c, found, np.uint64(cell), purposes[1], n, k0, k1)
    for i in range(people.latent.shape[0]):
        apply_curve(people, people.curve[stratum, i], n, found.latent[people.latent[i]], found.value[i])
    for t in range(people.term_of.shape[0]):
        apply_curve(people, people.term_curve[t], n, found.value[people.term_of[t]], found.term[t])

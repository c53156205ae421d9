"""Philox4x32-10 in 64-bit lanes, written so that the loops over blocks become vector instructions.

Words are kept as uint64 below 2**32, because the product of two such words is one vector multiplication. A buffer of
blocks is stored in planes: plane w holds word w of each block, so that stores need no shuffles.
"""

from __future__ import annotations

import numpy as np

from jaksim import rng
from jaksim.kernel.jit import inlined, inner, kernel

PLANES = 4
_M0 = np.uint64(rng.MULTIPLIER_0)
_M1 = np.uint64(rng.MULTIPLIER_1)
_W0 = np.uint64(rng.WEYL_0)
_W1 = np.uint64(rng.WEYL_1)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TO_UNIT = 2.0**-53


@inlined
def block(c0, c1, c2, c3, k0, k1):
    """The four words of one counter; all arguments uint64 below 2**32."""
    for _ in range(10):
        product_0 = _M0 * c0
        product_1 = _M1 * c2
        c0 = (product_1 >> _HALF) ^ c1 ^ k0
        c1 = product_1 & _LOW
        c2 = (product_0 >> _HALF) ^ c3 ^ k1
        c3 = product_0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@kernel
def fill_blocks(first, n, patient, replicate, cell, k0, k1, planes):
    """Blocks first .. first + n - 1 of one stream into planes (4, >= n) uint32."""
    for i in range(n):
        w0, w1, w2, w3 = block(np.uint64(first + i), patient, replicate, cell, k0, k1)
        planes[0, i] = np.uint32(w0)
        planes[1, i] = np.uint32(w1)
        planes[2, i] = np.uint32(w2)
        planes[3, i] = np.uint32(w3)


@kernel
def fill_words(counters, k0, k1, found):
    """The four words of each counter (n, 4) into `found` (n, 4), both uint32."""
    for i in range(len(counters)):
        w0, w1, w2, w3 = block(
            np.uint64(counters[i, 0]), np.uint64(counters[i, 1]), np.uint64(counters[i, 2]), np.uint64(counters[i, 3]),
            k0, k1,
        )  # fmt: skip
        found[i, 0] = np.uint32(w0)
        found[i, 1] = np.uint32(w1)
        found[i, 2] = np.uint32(w2)
        found[i, 3] = np.uint32(w3)


@inner
def fill_patients(number, first, n, replicate, cell, k0, k1, planes):
    """Block `number` of the streams of patients first .. first + n - 1 into planes (4, >= n) uint32."""
    for i in range(n):
        w0, w1, w2, w3 = block(number, np.uint64(first + i), replicate, cell, k0, k1)
        planes[0, i] = np.uint32(w0)
        planes[1, i] = np.uint32(w1)
        planes[2, i] = np.uint32(w2)
        planes[3, i] = np.uint32(w3)


@inlined
def unit(high, low):
    """A double in (0, 1) from two words: the middle of one of 2**52 equal intervals, held exactly."""
    integer = (np.uint64(high) << np.uint64(20)) | (np.uint64(low) >> np.uint64(12))
    return np.float64(np.int64(integer + integer + np.uint64(1))) * _TO_UNIT

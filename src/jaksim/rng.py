"""Counter-based random numbers: every draw of every patient has its own address.

Philox4x32-10 maps a key (the seed) and a counter (the address) to four 32-bit words, so a draw never depends on which
draws were made before it. The counter words are, in this order: block of four draws, patient within the cell,
replicate, and cell with the purpose in its top eight bits. The layout is injective: two addresses never share a
counter.

Source: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC11.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError

MULTIPLIER_0 = 0xD2511F53
MULTIPLIER_1 = 0xCD9E8D57
WEYL_0 = 0x9E3779B9
WEYL_1 = 0xBB67AE85
ROUNDS = 10

SITE_BITS = 20
"""Bits of a patient's number that count those of a site; the bits above are the site."""
LIMITS = {"seed": 64, "purpose": 8, "replicate": 32, "cell": 24, "patient": 32}
_LOW = np.uint64(0xFFFFFFFF)
Words = NDArray[np.uint32]
_HALF = np.uint64(32)


class Purpose(IntEnum):
    """What a stream of random words is for; streams of different purposes are independent."""

    PATH = 1
    LAW = 2
    STRATUM_SIZE = 3
    ALLOCATION = 4
    POSTERIOR = 5
    LAW_SPLIT = 6
    PATIENT_TYPE = 7
    STRATUM_SPLIT = 8
    ENROLMENT = 10
    TRANSITION = 11
    PILOT = 12
    SITE = 13
    SCREENING = 14
    CANDIDATE = 15
    VISIT = 16
    SHIPMENT = 17
    WARD = 18
    BOARD = 19
    FORECAST = 20
    CHARACTERISTIC = 21
    SITE_FRAILTY = 22


def check_address(**parts: int) -> None:
    """Refuse an address part outside its field of the counter (InputError names the part and its range)."""
    for name, value in parts.items():
        if not 0 <= int(value) < 1 << LIMITS[name]:
            raise InputError(f"{name} is out of range", allowed=f"0 to 2**{LIMITS[name]} - 1", got=value)


def philox(counter: NDArray[np.uint32], key: tuple[int, int]) -> NDArray[np.uint32]:
    """Philox4x32-10 of counters (..., 4) under one key; returns words of the same shape."""
    c0, c1, c2, c3 = (counter[..., i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    for _ in range(ROUNDS):
        product_0 = np.uint64(MULTIPLIER_0) * c0
        product_1 = np.uint64(MULTIPLIER_1) * c2
        c0, c1 = (product_1 >> _HALF) ^ c1 ^ np.uint64(k0), product_1 & _LOW
        c2, c3 = (product_0 >> _HALF) ^ c3 ^ np.uint64(k1), product_0 & _LOW
        k0, k1 = (k0 + WEYL_0) & 0xFFFFFFFF, (k1 + WEYL_1) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def words(seed: int, purpose: int, replicate: int, cell: int, patient: int, n: int) -> NDArray[np.uint32]:
    """First n 32-bit words of one patient's stream; words 4b to 4b + 3 are the block with first counter word b."""
    check_address(seed=seed, purpose=purpose, replicate=replicate, cell=cell, patient=patient)
    blocks = -(-n // 4)
    counter = np.empty((blocks, 4), dtype=np.uint32)
    counter[:, 0] = np.arange(blocks, dtype=np.uint32)
    counter[:, 1] = patient
    counter[:, 2] = replicate
    counter[:, 3] = cell | purpose << 24
    return philox(counter, (seed & 0xFFFFFFFF, seed >> 32)).reshape(-1)[:n]


def addressed(
    seed: int, purpose: int, replicate: ArrayLike, cell: ArrayLike, patient: ArrayLike, block: int = 0
) -> Words:
    """The four words (..., 4) of block `block` of every address; replicates, cells and patients (...) broadcast."""
    check_address(seed=seed)
    return philox(counters(purpose, replicate, cell, patient, block), (seed & 0xFFFFFFFF, seed >> 32))


def counters(purpose: int, replicate: ArrayLike, cell: ArrayLike, patient: ArrayLike, block: int = 0) -> Words:
    """Counters (..., 4) of addresses, for `philox`; replicates, cells and patients (...) broadcast."""
    check_address(purpose=purpose)
    shape = np.broadcast_shapes(np.shape(replicate), np.shape(cell), np.shape(patient))
    counter = np.empty((*shape, 4), dtype=np.uint32)
    counter[..., 0] = block
    counter[..., 1] = patient
    counter[..., 2] = replicate
    counter[..., 3] = np.asarray(cell, dtype=np.uint32) | np.uint32(int(purpose) << 24)
    return counter


def generator(seed: int, purpose: int, replicate: int = 0, cell: int = 0) -> np.random.Generator:
    """A NumPy generator for code that is not hot, seeded from the same address as `words` (but a stream of its own)."""
    check_address(seed=seed, purpose=purpose, replicate=replicate, cell=cell)
    address = [seed & 0xFFFFFFFF, seed >> 32, purpose, replicate, cell]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(address)))

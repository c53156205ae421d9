"""Evenly spread latents, from which shares and moments of a joint law are read off.

The points are a Kronecker sequence with the square roots of primes (Richtmyer 1951), folded so that it is periodic,
with shifts that tell how exact a mean over them is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.trial.characteristics.characteristics import Characteristics
from jaksim.trial.characteristics.eligibility import admitted

SHIFTS: Final = 8
_POINTS: Final = 1 << 13


def latents(law: Characteristics) -> Floats:
    """Latents (SHIFTS, n, d) of patients before anybody is excluded, correlated as the law says."""
    found: Floats = _independent(law.n_latents) @ law.cholesky.T
    return found


@lru_cache(maxsize=4)
def _independent(d: int) -> Floats:
    from scipy.special import ndtri

    steps = np.sqrt(_primes(d)) % 1.0
    shifts = np.random.Generator(np.random.Philox(20_201_201)).random((SHIFTS, 1, d))
    points = (np.arange(1, _POINTS + 1)[:, None] * steps + shifts) % 1.0
    folded = np.clip(np.abs(2.0 * points - 1.0), 1e-12, 1.0 - 1e-12)
    found: Floats = ndtri(folded)
    return found


def _primes(n: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < n:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def share_let_in(law: Characteristics, stratum: int) -> float:
    """The share of patients of a stratum whom all criteria let in."""
    z = latents(law).reshape(-1, law.n_latents)
    return float(admitted(law, z, stratum).mean())

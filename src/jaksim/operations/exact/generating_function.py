"""Coefficients of a probability generating function from its values on a circle.

The coefficients up to `most` are read off L >= 4 (most + 1) points on a circle of radius r < 1 with r^L = 10^-12: what
counts above L add to them (aliasing) is at most 10^-12 in all, and dividing by r^k enlarges rounding errors by at most
10^3 (Abate and Whitt, Oper. Res. Lett. 1992;12:245). Together the error of a probability, also of a sum of them, is
below 10^-10.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from jaksim.arrays import Floats

Complex = NDArray[np.complex128]
_ALIASING: Final = 1e-12


def points(most: int) -> int:
    """An even number of points on the circle for the coefficients up to `most`."""
    found = int(fft.next_fast_len(4 * (most + 1), real=True))
    return found if found % 2 == 0 else 2 * found


@lru_cache(maxsize=64)
def _circle(length: int) -> Floats:
    """r^k for k below the number of points."""
    found: Floats = np.exp(np.log(_ALIASING) / length * np.arange(length))
    return found


def _radii(length: int, n: int) -> Floats:
    return _circle(length)[:n]


def transform(p: Floats, length: int) -> Complex:
    """The generating function on the points, of which half are enough."""
    return np.asarray(fft.rfft(p * _radii(length, len(p)), length))


def read(values: Complex, length: int, most: int) -> Floats:
    """Coefficients (most + 1,) of a generating function from its values."""
    found = fft.irfft(values, length)[: most + 1] / _radii(length, most + 1)
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float64)


def power(values: Complex, exponent: int) -> Complex:
    """By squaring: quicker than a complex power, and exact to rounding."""
    found = np.ones_like(values)
    while exponent:
        if exponent & 1:
            found *= values
        exponent >>= 1
        if exponent:
            values = values * values
    return found

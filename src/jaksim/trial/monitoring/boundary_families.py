"""Boundaries of a given shape, with one constant that makes the total error right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError


@dataclass(frozen=True, slots=True)
class WangTsiatis:
    """z = C t**(delta - 1/2): O'Brien and Fleming's boundary for delta 0, Pocock's for 1/2.

    Source: Wang and Tsiatis (1987), Biometrics 43, 193-199; Jennison and Turnbull (2000), section 2.7.
    """

    delta: float

    def __post_init__(self) -> None:
        if not -2.0 <= self.delta <= 0.8:
            raise InputError("delta of the boundary is out of range", allowed="-2 to 0.8", got=self.delta)

    def z(self, fraction: Floats, constant: float) -> Floats:
        return np.asarray(constant * fraction ** (self.delta - 0.5))

    def __str__(self) -> str:
        if self.delta in (0.0, 0.5):
            return "O'Brien-Fleming boundary" if self.delta == 0.0 else "Pocock boundary"
        return f"Wang-Tsiatis boundary, delta {self.delta:g}"


@dataclass(frozen=True, slots=True)
class HaybittlePeto:
    """The same bound at every interim analysis; the last analysis has what error is left.

    Source: Haybittle (1971), Br. J. Radiol. 44, 793-797; Peto et al. (1976), Br. J. Cancer 34, 585-612.
    """

    bound: float = 3.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.bound <= 12.0:
            raise InputError("the interim bound is out of range", allowed="z of 0.5 to 12", got=self.bound)

    def z(self, fraction: Floats, constant: float) -> Floats:
        return np.full(fraction.shape, self.bound)

    def __str__(self) -> str:
        return f"Haybittle-Peto boundary, z = {self.bound:g} at interim analyses"


Family = WangTsiatis | HaybittlePeto

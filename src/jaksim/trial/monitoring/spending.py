"""Spending functions: how much of an error probability may have been used at a fraction of the information.

Source: Lan and DeMets (1983), Biometrika 70, 659-663.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.normal_law import quantile, tails


class SpendingFunction(Protocol):
    """Cumulative error spent at fractions of the planned information: 0 at 0, all of it from 1 on."""

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        """The part of `error` (one side) spent at each fraction."""
        ...


def _clipped(fraction: ArrayLike) -> Floats:
    return np.clip(np.asarray(fraction, dtype=np.float64), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class ObrienFleming:
    """Lan and DeMets' function like O'Brien and Fleming's boundary: 2 - 2 Phi(z_(error/2) / sqrt(t))."""

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        t = _clipped(fraction)
        with np.errstate(divide="ignore"):
            return 2.0 * tails(-quantile(error / 2.0) / np.sqrt(t))

    def __str__(self) -> str:
        return "Lan-DeMets spending like O'Brien-Fleming"


@dataclass(frozen=True, slots=True)
class Pocock:
    """Lan and DeMets' function like Pocock's boundary: error log(1 + (e - 1) t)."""

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        return np.asarray(error * np.log1p((math.e - 1.0) * _clipped(fraction)))

    def __str__(self) -> str:
        return "Lan-DeMets spending like Pocock"


@dataclass(frozen=True, slots=True)
class HwangShihDeCani:
    """error (1 - exp(-gamma t)) / (1 - exp(-gamma)); error t for gamma 0. Hwang, Shih, DeCani (1990), Stat. Med. 9."""

    gamma: float

    def __post_init__(self) -> None:
        _in_range("gamma", self.gamma, -40.0, 40.0)

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        t = _clipped(fraction)
        if self.gamma == 0.0:
            return error * t
        return np.asarray(error * np.expm1(-self.gamma * t) / math.expm1(-self.gamma))

    def __str__(self) -> str:
        return f"Hwang-Shih-DeCani spending, gamma {self.gamma:g}"


@dataclass(frozen=True, slots=True)
class Power:
    """error t**rho. Kim and DeMets (1987), Biometrika 74; Jennison and Turnbull (2000), section 7.2."""

    rho: float

    def __post_init__(self) -> None:
        _in_range("rho", self.rho, 0.05, 50.0)

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        return np.asarray(error * _clipped(fraction) ** self.rho)

    def __str__(self) -> str:
        return f"power spending, rho {self.rho:g}"


@dataclass(frozen=True, slots=True)
class UserSpending:
    """A table of the cumulative error at given fractions, straight lines between, all from the last fraction on.

    `values` are shares of the error, the last one 1.
    """

    fractions: tuple[float, ...]
    values: tuple[float, ...]

    def spent(self, fraction: ArrayLike, error: float) -> Floats:
        t = np.asarray(fraction, dtype=np.float64)
        return np.asarray(error * np.interp(t, (0.0, *self.fractions), (0.0, *self.values)))

    def __str__(self) -> str:
        return "spending by a table"


def user_spending(fractions: ArrayLike, cumulative: ArrayLike, error: float, where: str) -> UserSpending:
    """A table of cumulative error, which must not decrease and must end at `error`; InputError otherwise."""
    table = np.array(cumulative, dtype=np.float64)
    times = np.array(fractions, dtype=np.float64)
    if table.shape != times.shape:
        raise InputError(
            "the spending table needs one value for each analysis",
            where=where,
            allowed=f"{times.size} values",
            got=f"{table.size} values",
        )
    if not np.all(np.isfinite(table)) or np.any(np.diff(table, prepend=0.0) < 0.0):
        allowed = "numbers from 0 up, none below the one before"
        raise InputError("the spending table decreases", where=where, allowed=allowed, got=table.tolist())
    if table[-1] > 1.0:
        raise InputError(
            "more than 1 is spent", where=where, allowed=f"a last value of {error:g}", got=float(table[-1])
        )
    if not math.isclose(table[-1], error, rel_tol=1e-9):
        raise InputError(
            "the table does not end at the error to be spent",
            where=where,
            allowed=f"a last value of {error:g}",
            got=float(table[-1]),
        )
    return UserSpending(tuple(times.tolist()), tuple((table / table[-1]).tolist()))


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} of the spending function is out of range", allowed=f"{low:g} to {high:g}", got=value)

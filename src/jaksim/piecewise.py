"""Piecewise-constant functions of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError


@dataclass(frozen=True)
class PiecewiseConstant:
    """A right-continuous step function of time in days: `values[j]` from `cuts[j-1]` up to, not including, `cuts[j]`.

    `cuts` are strictly increasing and positive, `values` has one entry more; the first value also holds before day 0.
    InputError names the offending index.
    """

    cuts: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        cuts = _numbers(self.cuts, "cuts")
        values = _numbers(self.values, "values")
        if len(values) != len(cuts) + 1:
            raise InputError(f"{len(cuts)} cuts need {len(cuts) + 1} values", where="values", got=len(values))
        for position, cut in enumerate(cuts):
            if cut <= 0:
                raise InputError("a cut must be later than day 0", where=f"cuts[{position}]", got=cut)
            if position and cut <= cuts[position - 1]:
                before = cuts[position - 1]
                raise InputError(
                    f"cuts must increase, the one before is {before:g}", where=f"cuts[{position}]", got=cut
                )
        object.__setattr__(self, "cuts", cuts)
        object.__setattr__(self, "values", values)

    @classmethod
    def constant(cls, value: float) -> PiecewiseConstant:
        """The function that has the same value at every time."""
        return cls((), (value,))

    @overload
    def __call__(self, t: float) -> float: ...
    @overload
    def __call__(self, t: ArrayLike) -> Any: ...
    def __call__(self, t: ArrayLike) -> Any:
        """Value at time `t` in days; an array of times gives an array of the same shape."""
        times = np.asarray(t, dtype=np.float64)
        if np.isnan(times).any():
            raise InputError("a time must be a number", where="t", got=t)
        found = np.asarray(self.values)[np.searchsorted(self.cuts, times, side="right")]
        return float(found) if times.ndim == 0 else found

    def integral(self, a: float, b: float) -> float:
        """Integral from `a` to `b` days, both finite; negative of the reverse when `b` is before `a`."""
        if not (np.isfinite(a) and np.isfinite(b)):
            raise InputError("the limits of an integral must be finite", where="integral", got=(a, b))
        if b < a:
            return -self.integral(b, a)
        edges = np.array([a, *(cut for cut in self.cuts if a < cut < b), b], dtype=np.float64)
        return float(np.diff(edges) @ self(edges[:-1]))

    def __mul__(self, other: float | PiecewiseConstant) -> PiecewiseConstant:
        if isinstance(other, PiecewiseConstant):
            cuts = tuple(sorted({*self.cuts, *other.cuts}))
            starts = np.array([0.0, *cuts])
            return PiecewiseConstant(cuts, tuple(self(starts) * other(starts)))
        if isinstance(other, int | float | np.number):
            return PiecewiseConstant(self.cuts, tuple(value * float(other) for value in self.values))
        return NotImplemented

    __rmul__ = __mul__


def _numbers(values: object, where: str) -> tuple[float, ...]:
    try:
        array: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("must be a list of numbers", where=where, got=values) from None
    if array.ndim != 1:
        raise InputError("must be a list of numbers", where=where, got=values)
    for position in np.flatnonzero(~np.isfinite(array)):
        raise InputError("must be a finite number", where=f"{where}[{position}]", got=float(array[position]))
    return tuple(array.tolist())

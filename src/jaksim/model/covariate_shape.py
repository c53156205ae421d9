"""How an effect depends on the value of a covariate: in a line, by category, or along a spline."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import number
from jaksim.errors import InputError

ShapeKind = Literal["linear", "category", "spline"]
SHAPES: Final = ("linear", "category", "spline")


@dataclass(frozen=True)
class Shape:
    """What a log hazard ratio is multiplied by, as a function of a covariate.

    "linear": (value - centre) / per, by default the value itself. "category": `values[i]` for a covariate of at least
    `cuts[i - 1]` and below `cuts[i]`, one value more than cuts. "spline": the natural cubic spline through
    (`cuts[i]`, `values[i]`), which goes on in a line beyond the outer knots. The values of the last two are log hazard
    ratios themselves, where the log hazard ratio that they multiply is 1. InputError for numbers that do not fit.
    """

    kind: ShapeKind = "linear"
    centre: float = 0.0
    per: float = 1.0
    cuts: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in SHAPES:
            raise InputError("unknown shape", where="shape", allowed=SHAPES, got=self.kind)
        for name in ("centre", "per"):
            object.__setattr__(self, name, number(getattr(self, name), name))
        for name in ("cuts", "values"):
            object.__setattr__(self, name, tuple(number(value, name) for value in getattr(self, name)))
        if self.per == 0.0:
            raise InputError("a unit cannot be zero", where="per", got=self.per)
        if any(after <= before for before, after in itertools.pairwise(self.cuts)):
            raise InputError("must increase", where="cuts", got=list(self.cuts))
        wanted = {"linear": 0, "category": len(self.cuts) + 1, "spline": len(self.cuts)}[self.kind]
        if len(self.values) != wanted or (self.kind == "linear" and self.cuts):
            raise InputError(
                f"{len(self.cuts)} cuts need {wanted} values" if self.kind != "linear" else "a line has no cuts",
                where="values",
                got=list(self.values),
            )
        if self.kind == "spline" and len(self.cuts) < 3:
            raise InputError("a spline needs at least three knots", where="cuts", got=list(self.cuts))

    @property
    def is_identity(self) -> bool:
        """Whether it is the covariate itself."""
        return self.kind == "linear" and self.centre == 0.0 and self.per == 1.0

    def of(self, value: float) -> float:
        """Its value for one value of the covariate."""
        if self.is_identity:
            return value
        return float(self.of_all(np.array([value], dtype=np.float64))[0])

    def of_all(self, values: Floats) -> Floats:
        """Its values for values of the covariate, of the same shape."""
        found: Floats
        if self.kind == "linear":
            found = values if self.is_identity else (values - self.centre) / self.per
        elif self.kind == "category":
            found = np.array(self.values)[np.searchsorted(np.array(self.cuts), values, side="right")]
        else:
            start, coefficients = self.pieces
            at = np.searchsorted(start[1:], values, side="right")
            along = values - start[at]
            a, b, c, d = coefficients[at].T if np.ndim(values) == 1 else np.moveaxis(coefficients[at], -1, 0)
            found = a + along * (b + along * (c + along * d))
        return found

    @cached_property
    def pieces(self) -> tuple[Floats, Floats]:
        """Of a spline: where each cubic starts (K + 1,), and its coefficients (K + 1, 4) by powers of the distance
        from there; those beyond the outer knots are lines."""
        knots, heights = np.array(self.cuts), np.array(self.values)
        n, steps = len(knots), np.diff(knots)
        slopes = np.diff(heights) / steps
        system = np.zeros((n, n))
        right = np.zeros(n)
        system[0, 0] = system[-1, -1] = 1.0
        for i in range(1, n - 1):
            system[i, i - 1 : i + 2] = steps[i - 1], 2.0 * (steps[i - 1] + steps[i]), steps[i]
            right[i] = 3.0 * (slopes[i] - slopes[i - 1])
        bend = np.linalg.solve(system, right)
        slope = slopes - steps * (2.0 * bend[:-1] + bend[1:]) / 3.0
        third = np.diff(bend) / (3.0 * steps)
        last = slope[-1] + steps[-1] * (2.0 * bend[-2] + 3.0 * third[-1] * steps[-1])
        inner = np.stack([heights[:-1], slope, bend[:-1], third], axis=1)
        before = np.array([[heights[0], slope[0], 0.0, 0.0]])
        after = np.array([[heights[-1], last, 0.0, 0.0]])
        return np.concatenate([knots[:1], knots]), np.concatenate([before, inner, after])


LINEAR: Final = Shape()

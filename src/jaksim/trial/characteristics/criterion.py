"""A criterion of eligibility: bounds or values of one characteristic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError
from jaksim.trial.characteristics.marginal import Marginal, Steps

Interval = tuple[float, float]
Intervals = tuple[Interval, ...]


@dataclass(frozen=True)
class Criterion:
    """A criterion of eligibility: bounds of a characteristic, or the values that patients may have.

    `fact` cites the fact of the catalogue of evidence that it follows, as topic/id.
    """

    name: str
    characteristic: str
    at_least: float = -math.inf
    above: float = -math.inf
    at_most: float = math.inf
    below: float = math.inf
    values: tuple[float, ...] = ()
    fact: str = ""
    source: str = ""
    assumption: str = ""

    def __post_init__(self) -> None:
        bounds = (self.at_least, self.above, self.at_most, self.below)
        bounded = any(math.isfinite(bound) for bound in bounds)
        if bounded == bool(self.values):
            raise InputError(
                "a criterion has bounds, or values", where="eligibility", allowed="at_least, above, at_most, below"
            )
        low, high = max(self.at_least, self.above), min(self.at_most, self.below)
        if low > high or (low == high and (low == self.above or high == self.below)):
            raise InputError("nobody is within the bounds", where="eligibility", got=[low, high])

    @property
    def words(self) -> str:
        """Who is let in, in words."""
        if self.values:
            return f"{self.characteristic} {' or '.join(f'{value:g}' for value in self.values)}"
        parts = [
            (self.at_least, "at least"), (self.above, "above"), (self.at_most, "at most"), (self.below, "below"),
        ]  # fmt: skip
        told = ", ".join(f"{word} {bound:g}" for bound, word in parts if math.isfinite(bound))
        return f"{self.characteristic} {told}"

    def admits(self, values: Floats) -> Booleans:
        """Whether patients with these values of the characteristic are let in."""
        if self.values:
            return np.isin(values, self.values)
        inside: Booleans = (
            (values >= self.at_least) & (values > self.above) & (values <= self.at_most) & (values < self.below)
        )
        return inside

    def intervals(self, marginal: Marginal) -> Intervals:
        """The latents of those who are let in, of a characteristic with a law; none where nobody is."""
        if isinstance(marginal, Steps):
            edges = (-math.inf, *marginal.cuts, math.inf)
            found: list[Interval] = []
            for low, high, inside in zip(edges, edges[1:], self.admits(np.array(marginal.values)), strict=False):
                if inside:
                    joined = found and found[-1][1] == low
                    found[-1:] = [(found[-1][0], high)] if joined else [*found[-1:], (low, high)]
            return tuple(found)
        if self.values:
            raise InputError(
                f"{self.characteristic} is continuous", where="values", allowed="at_least, above, at_most, below"
            )
        low, high = max(self.at_least, self.above), min(self.at_most, self.below)
        edge = [marginal.latent_of(bound) if math.isfinite(bound) else bound for bound in (low, high)]
        return ((edge[0], edge[1]),) if edge[0] < edge[1] else ()

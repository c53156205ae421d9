"""Outcomes of a treatment with how much each of them weighs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.evidence.figures import normal_quantile
from jaksim.evidence.two_arms import Arms
from jaksim.ratio import NumberNeeded, number_needed

Z = normal_quantile(0.95)


@dataclass(frozen=True)
class Difference:
    """Risk on treatment minus risk on control, with its standard error and 95 % interval."""

    estimate: float
    standard_error: float
    interval: tuple[float, float]


def of_counts(arms: Arms) -> Difference:
    """Newcombe's interval (1998, method 10) and the standard error of the two proportions."""
    (a, n1), (c, n0) = arms.treated, arms.control
    p, q = a / n1, c / n0
    (l1, u1), (l0, u0) = _wilson(a, n1), _wilson(c, n0)
    difference = p - q
    low = difference - math.hypot(p - l1, u0 - q)
    high = difference + math.hypot(u1 - p, q - l0)
    return Difference(difference, math.sqrt(p * (1 - p) / n1 + q * (1 - q) / n0), (low, high))


def of_interval(estimate: float, low: float, high: float) -> Difference:
    """As published with its 95 % interval, taken for normal."""
    if not low <= estimate <= high or low == high:
        raise InputError("an interval holds its estimate", got=[low, estimate, high])
    return Difference(estimate, (high - low) / (2 * Z), (low, high))


@dataclass(frozen=True)
class Outcome:
    """An outcome, desirable or not, with its difference of risks, and its weight within `weights`, and why.

    `risks` are those of the treated and the control arm where they are known.
    """

    name: str
    desirable: bool
    difference: Difference
    weight: float
    weights: tuple[float, float]
    why: str = ""
    risks: tuple[float, float] | None = None
    records: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        low, high = self.weights
        if not 0.0 <= low <= self.weight <= high:
            allowed = "0 <= lower limit <= weight <= upper limit"
            raise InputError(
                "a weight lies in its range", where=self.name, allowed=allowed, got=[low, self.weight, high]
            )

    @property
    def benefit(self) -> Difference:
        """The difference with the sign that says how many patients it does good to."""
        one, (low, high) = self.difference, self.difference.interval
        if self.desirable:
            return one
        return Difference(-one.estimate, one.standard_error, (-high, -low))

    @property
    def needed(self) -> NumberNeeded:
        """Patients to be treated for one of them to have a benefit, or a harm."""
        return number_needed(self.benefit.estimate, self.benefit.interval)


def _wilson(events: int, n: int) -> tuple[float, float]:
    p = events / n
    middle, half = p + Z * Z / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return max((middle - half) / (1 + Z * Z / n), 0.0), min((middle + half) / (1 + Z * Z / n), 1.0)

"""The hazards of a plan, from what a user knows: a median, survival at a time, or hazards between cuts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from jaksim.checks import number
from jaksim.errors import InputError
from jaksim.formulas.hazards import ChangedHazard, Hazard, WeibullHazard, cumulative, times_ratio
from jaksim.piecewise import PiecewiseConstant


@dataclass(frozen=True)
class ActiveHazard:
    """The hazard of the active arm by its hazard ratio to `control`, which begins at `delay`.

    With a `given` hazard, of average hazard ratio `average`, another ratio raises that of the two hazards to a power.
    """

    control: Hazard
    delay: float = 0.0
    given: PiecewiseConstant | None = None
    average: float = 1.0

    @property
    def proportional(self) -> bool:
        """Whether the ratio to the control never changes."""
        return self.given is None and self.delay == 0.0

    def at(self, ratio: float) -> Hazard:
        """The hazard with this hazard ratio."""
        if self.given is None:
            return times_ratio(self.control, ratio, delay=self.delay)
        if ratio == self.average:
            return self.given
        assert isinstance(self.control, PiecewiseConstant)
        if ratio == 1.0:
            return self.control
        if self.average == 1.0:
            what = "active arm and control have the same average hazard, which stands for no other hazard ratio"
            raise InputError(what, where="‹active_hazard›")
        power = math.log(ratio) / math.log(self.average)
        starts = (0.0, *sorted({*self.control.cuts, *self.given.cuts}))
        values = [_between(self.control(start), self.given(start), power) for start in starts]
        return PiecewiseConstant(starts[1:], tuple(values))


def _between(control: float, active: float, power: float) -> float:
    return control if control == 0.0 or active == control else control * (active / control) ** power


def only_one(given: Mapping[str, Any], *, needed: bool) -> str | None:
    """The name of the one that is given; InputError for two, and for none where one is `needed`."""
    names = [name for name, value in given.items() if value is not None]
    places = ", ".join(f"‹{name}›" for name in given)
    if len(names) > 1:
        both = " and ".join(f"‹{name}›" for name in names)
        raise InputError(f"{both} say the same thing twice", where=places, allowed="one of them")
    if needed and not names:
        raise InputError("one of these is needed", where=places)
    return names[0] if names else None


def positive(value: Any, name: str, *, most: float = 1e9) -> float:
    """The value as a number above 0."""
    found = number(value, f"‹{name}›")
    if not 0.0 < found <= most:
        raise InputError("out of range", where=f"‹{name}›", allowed=f"above 0, up to {most:g}", got=found)
    return found


def share(value: Any, name: str) -> float:
    """The value as a probability strictly between 0 and 1."""
    found = number(value, f"‹{name}›")
    if not 0.0 < found < 1.0:
        raise InputError("out of range", where=f"‹{name}›", allowed="between 0 and 1, such as 0.4", got=found)
    return found


def ascending(values: Sequence[float], name: str) -> tuple[float, ...]:
    """The values as times that rise from above 0."""
    found = tuple(number(value, f"‹{name}›") for value in values)
    if any(later <= earlier for earlier, later in pairwise((0.0, *found))):
        raise InputError("must be times above 0 that rise", where=f"‹{name}›", got=list(found))
    return found


def steps(values: Sequence[float], cuts: Sequence[float], names: tuple[str, str]) -> PiecewiseConstant:
    """Values between cuts; one value holds throughout. InputError for numbers that do not fit, or below 0."""
    found = tuple(number(value, f"‹{names[0]}›") for value in values)
    if not found or min(found) < 0.0 or max(found) == 0.0 or max(found) > 1e9:
        allowed = "numbers from 0 on, not all 0"
        raise InputError("out of range", where=f"‹{names[0]}›", allowed=allowed, got=list(found))
    if len(found) == 1:
        return PiecewiseConstant.constant(found[0])
    edges = ascending(cuts, names[1])
    if len(edges) != len(found) - 1:
        what = f"{len(found)} values need {len(found) - 1} time{'s' if len(found) > 2 else ''} at which they change"
        raise InputError(what, where=f"‹{names[0]}›, ‹{names[1]}›", got=list(edges))
    return PiecewiseConstant(edges, found)


def from_median(median: float, shape: float) -> Hazard:
    """The hazard with this median."""
    return _weibull(math.log(2.0) ** (1.0 / shape) / median, shape)


def from_survival(survival: float, at: float, shape: float) -> Hazard:
    """The hazard with this survival at a time."""
    return _weibull((-math.log(survival)) ** (1.0 / shape) / at, shape)


def _weibull(rate: float, shape: float) -> Hazard:
    return PiecewiseConstant.constant(rate) if shape == 1.0 else WeibullHazard(rate, shape)


def survival_at(hazard: Hazard, t: float) -> float:
    """Probability of no event by a time since entry."""
    return float(np.exp(-cumulative(hazard, np.array([t])))[0])


def median_of(hazard: Hazard) -> float:
    """The time by which half have had the event; infinite where they never have."""
    return _time_of(lambda t: float(cumulative(hazard, np.array([t]))[0]), math.log(2.0))


def _time_of(rising: Callable[[float], float], height: float) -> float:
    from jaksim.root import root

    high = 1.0
    while rising(high) < height:
        high *= 2.0
        if high > 1e12:
            return math.inf
    return root(lambda t: rising(t) - height, 0.0, high)


def described(hazard: Hazard, unit: str) -> str:
    """A hazard in words."""
    if isinstance(hazard, ChangedHazard):
        return f"Weibull hazard, shape {hazard.base.shape:g}, that changes at {_list(hazard.ratio.cuts)} {unit}"
    if isinstance(hazard, WeibullHazard):
        return f"Weibull, median {median_of(hazard):.4g} {unit}, shape {hazard.shape:g}"
    assert isinstance(hazard, PiecewiseConstant)
    if not hazard.cuts:
        return f"exponential, median {median_of(hazard):.4g} {unit}"
    return f"hazard {_list(hazard.values)} that changes at {_list(hazard.cuts)} {unit}"


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values[:6]) + (", ..." if len(values) > 6 else "")

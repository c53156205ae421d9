"""The distribution of a whole number of days, such as a delay or the opening of a site."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError

LONGEST: Final = 3650
_TAIL: Final = 1e-12
PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "fixed": ("days",),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "exponential": ("mean",),
    "gamma": ("mean", "sd"),
    "lognormal": ("median", "log_sd"),
    "poisson": ("mean",),
    "listed": ("days", "probabilities"),
}
"""The laws that can be named, and the numbers each of them needs."""


@dataclass(frozen=True)
class DayLaw:
    """Probabilities of 0, 1, 2, ... whole days, which sum to 1.

    `words` describe the law as it was asked for. A law on a continuous scale is rounded to the nearest day, so that its
    mean stays what it is; what would be negative counts as day 0.
    """

    probabilities: tuple[float, ...]
    words: str = ""

    def __post_init__(self) -> None:
        values = np.array(self.probabilities, dtype=np.float64)
        if not len(values) or not np.isfinite(values).all() or (values < 0.0).any() or abs(values.sum() - 1.0) > 1e-9:
            raise InputError("the probabilities of the days are not a distribution", allowed="0 or more, sum 1")
        if len(values) > LONGEST + 1:
            raise InputError("a delay is too long", allowed=f"at most {LONGEST} days", got=len(values) - 1)

    @cached_property
    def pmf(self) -> Floats:
        """Probabilities (D,) of 0, 1, ... days."""
        values = np.array(self.probabilities, dtype=np.float64)
        found: Floats = values / values.sum()
        return found

    @cached_property
    def cdf(self) -> Floats:
        """Probabilities (D,) of at most 0, 1, ... days; the last is exactly 1."""
        found = np.cumsum(self.pmf)
        found[-1] = 1.0
        return np.minimum(found, 1.0)

    @property
    def longest(self) -> int:
        """Most days that have a probability."""
        return len(self.probabilities) - 1

    @property
    def mean(self) -> float:
        """Expected days."""
        return float(self.pmf @ np.arange(len(self.pmf)))

    @property
    def sd(self) -> float:
        """Standard deviation in days."""
        days = np.arange(len(self.pmf))
        return math.sqrt(max(float(self.pmf @ days**2) - self.mean**2, 0.0))

    @property
    def is_fixed(self) -> bool:
        """Whether there is only one number of days."""
        return bool((self.pmf > 0.0).sum() == 1)

    def days(self, uniform: ArrayLike) -> Integers:
        """Days of numbers uniform on [0, 1), by inversion."""
        return np.searchsorted(self.cdf, np.asarray(uniform), side="right").clip(0, self.longest).astype(np.int64)


def fixed(days: int) -> DayLaw:
    """Always the same number of days."""
    if not 0 <= days <= LONGEST:
        raise InputError("a number of days is out of range", allowed=f"0 to {LONGEST}", got=days)
    return DayLaw((0.0,) * days + (1.0,), f"{days} days")


NO_DAYS: Final = fixed(0)
"""No delay."""


def day_law(law: str, numbers: Mapping[str, float | list[float]]) -> DayLaw:
    """A law by its name and numbers in days, as in `PARAMETERS`.

    Raises `InputError` for an unknown law, a number that is missing, too many or makes no sense.
    """
    if str(law) not in PARAMETERS:
        raise InputError("unknown distribution of days", allowed=tuple(PARAMETERS), got=law)
    needed = PARAMETERS[law]
    for name in numbers:
        if name not in needed:
            raise InputError(f"a number that the {law} distribution of days does not have", allowed=needed, got=name)
    for name in needed:
        if name not in numbers:
            raise InputError(f"a number of the {law} distribution of days is missing", allowed=needed, where=name)
    if law == "listed":
        return _listed(numbers["days"], numbers["probabilities"])
    values = {name: _number(name, value) for name, value in numbers.items()}
    if law == "fixed":
        if values["days"] != int(values["days"]):
            raise InputError("days are whole", where="days", allowed="a whole number", got=values["days"])
        return fixed(int(values["days"]))
    words = ", ".join(f"{name.replace('_', ' ')} {values[name]:g}" for name in needed)
    return DayLaw(_rounded(_distribution(law, values)), f"{law}, {words}")


def _distribution(law: str, values: Mapping[str, float]) -> Callable[[Floats], Floats]:
    """The distribution function of a law on days that need not be whole."""
    from scipy.special import expm1, gammainc, ndtr, pdtr

    if law in ("uniform", "triangular") and not 0.0 <= values["low"] < values["high"]:
        raise InputError("the range of days is empty", where="low, high", allowed="0 <= low < high", got=dict(values))
    if law == "uniform":
        # Whole days low to high, each as probable as the others.
        low, high = values["low"] - 0.5, values["high"] + 0.5
        return lambda x: np.clip((x - low) / (high - low), 0.0, 1.0)
    if law == "triangular":
        low, mode, high = values["low"], values["mode"], values["high"]
        if not low <= mode <= high:
            raise InputError("the mode is outside the range", where="mode", allowed=f"{low:g} to {high:g}", got=mode)
        return _triangular(low, (mode - low) / (high - low), high - low)
    if law == "lognormal":
        _positive(values, "median", "log_sd")
        return lambda x: ndtr(np.log(x / values["median"]) / values["log_sd"])
    if law == "gamma":
        _positive(values, "mean", "sd")
        shape = (values["mean"] / values["sd"]) ** 2
        return lambda x: gammainc(shape, x / (values["mean"] / shape))
    _positive(values, "mean")
    if law == "poisson":
        return lambda x: pdtr(np.floor(x), values["mean"])
    return lambda x: -expm1(-x / values["mean"])


def _triangular(low: float, mode: float, length: float) -> Callable[[Floats], Floats]:
    """From `low` on over a length, with the mode at a share of it."""

    def distribution(x: Floats) -> Floats:
        y = np.clip((x - low) / length, 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rising, falling = y * y / mode, (y * y - 2.0 * y + mode) / (mode - 1.0)
        return np.where(y < mode, rising, falling if mode < 1.0 else y * y)

    return distribution


def _rounded(distribution: Callable[[Floats], Floats]) -> tuple[float, ...]:
    """Probabilities of whole days, each with what is nearest to it; the far tail goes to the last day."""
    ends = distribution(np.arange(LONGEST + 1, dtype=np.float64) + 0.5)
    if ends[-1] < 1.0 - 1e-6:
        raise InputError("days beyond ten years have a probability", allowed=f"at most {LONGEST} days")
    last = int(np.searchsorted(ends, 1.0 - _TAIL))
    found = np.diff(ends[: min(last, LONGEST) + 1], prepend=0.0)
    found[-1] += 1.0 - found.sum()
    return tuple(float(value) for value in found)


def _listed(days: object, probabilities: object) -> DayLaw:
    if not isinstance(days, list | tuple) or not isinstance(probabilities, list | tuple):
        raise InputError("listed days need two lists", where="days, probabilities")
    if len(days) != len(probabilities) or not len(days):
        raise InputError("days and their probabilities differ in number", where="probabilities", got=len(probabilities))
    numbers = [_number("days", day) for day in days]
    if any(day != int(day) or day > LONGEST for day in numbers):
        raise InputError("listed days are out of range", where="days", allowed=f"whole days, 0 to {LONGEST}")
    whole = [int(day) for day in numbers]
    found = np.zeros(max(whole) + 1)
    np.add.at(found, whole, [_number("probabilities", value) for value in probabilities])
    words = f"listed, days {', '.join(map(str, whole))}"
    return DayLaw(tuple(float(value) for value in found), words)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError("not a number", where=name, got=value)
    if value < 0.0:
        raise InputError("a number of days is negative", where=name, allowed="0 or more", got=value)
    return float(value)


def _positive(values: Mapping[str, float], *names: str) -> None:
    for name in names:
        if not values[name] > 0.0:
            raise InputError("a number of days is not positive", where=name, allowed="above 0", got=values[name])

"""Ratios and their logarithms, and the reciprocal of a difference of risks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from jaksim.checks import not_negative, number
from jaksim.errors import InputError

# No intensity and no effect is beyond: sums of a few of them stay far from what a float can hold.
LARGEST_LOG: Final = 100.0
LARGEST_LOG_SD: Final = 10.0
_LARGEST_EXPONENT: Final = 709.0


def ratio_of(log_ratio: float) -> float:
    """The ratio of a log ratio; infinite where it is larger than any float."""
    return math.inf if log_ratio > _LARGEST_EXPONENT else math.exp(log_ratio)


def check_log(value: object, where: str) -> float:
    """The value as a logarithm of a ratio or an intensity; InputError for what is no number or beyond all of them."""
    found = number(value, where)
    if abs(found) > LARGEST_LOG:
        allowed = f"-{LARGEST_LOG:g} to {LARGEST_LOG:g}"
        raise InputError("the logarithm is out of range", where=where, allowed=allowed, got=value)
    return found


def check_log_sd(value: object, where: str) -> float:
    """The value as a standard deviation on the log scale; InputError for what is no number or beyond any doubt."""
    found = not_negative(value, where)
    if found > LARGEST_LOG_SD:
        allowed = f"0 to {LARGEST_LOG_SD:g}"
        raise InputError(
            "the standard deviation of a logarithm is out of range", where=where, allowed=allowed, got=value
        )
    return found


@dataclass(frozen=True)
class NumberNeeded:
    """Patients to be treated for one more, or one fewer, to have an event: 1 over the difference of the risks.

    `of_benefit` tells whether the estimate is a benefit. An interval of the difference on one side of 0 gives
    `interval`, the smaller number first; one that holds 0 gives numbers that go through infinity: up to `to_benefit`
    patients or more for a benefit, and `to_harm` or more for a harm (Altman 1998, BMJ 317:1309).
    """

    number: float
    of_benefit: bool
    interval: tuple[float, float] | None
    to_benefit: float
    to_harm: float


def number_needed(benefit: float, interval: tuple[float, float]) -> NumberNeeded:
    """Of a difference of risks that is positive where the treatment does good, with its interval."""
    low, high = interval
    if not low <= benefit <= high:
        raise InputError("an interval holds its estimate", got=[low, benefit, high])
    one_side = low > 0.0 or high < 0.0
    ends = sorted((_patients(low), _patients(high)))
    return NumberNeeded(
        number=_patients(benefit),
        of_benefit=benefit >= 0.0,
        interval=(ends[0], ends[1]) if one_side else None,
        to_benefit=_patients(max(high, 0.0)),
        to_harm=_patients(min(low, 0.0)),
    )


def _patients(difference: float) -> float:
    return math.inf if difference == 0.0 else 1.0 / abs(difference)

"""Ratios and their logarithms."""

from __future__ import annotations

import math
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

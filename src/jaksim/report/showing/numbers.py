"""Numbers of a table of expected values, with as many decimals in all of its cells."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_MOST_DIGITS: Final = 6


def percent_cell(probability: float) -> str:
    """A probability in percent, without the sign, which the heading of the table has."""
    return f"{100.0 * probability:.1f}"


def intensity_digits(values: Iterable[float]) -> int:
    """Decimals with which the smallest intensity that is not zero has two digits, three to six of them."""
    least = min((value for value in values if value > 0.0), default=1.0)
    return min(max(3, 1 - math.floor(math.log10(least))), _MOST_DIGITS)


def range_in_words(values: Iterable[float], digits: int) -> str:
    """The lowest and the highest of some values, or the value that all of them are when printed."""
    found = list(values)
    low, high = (f"{value:.{digits}f}" for value in (min(found), max(found)))
    return low if low == high else f"{low} to {high}"

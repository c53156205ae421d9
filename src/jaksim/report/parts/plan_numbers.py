"""Numbers of a plan as its report prints them; imported in a moment, unlike those of simulated trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jaksim.report.parts.layout import NO_BREAK


def percent(value: float, digits: int = 1) -> str:
    """A probability in percent."""
    return f"{100.0 * value:.{digits}f}{NO_BREAK}%"


def shown(value: Any) -> str:
    """A number with a comma between thousands and four digits behind the point at most; a dash for none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, str | bool):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000.0:
        return f"{value:,.1f}"
    return f"{value:.4g}" if abs(value) < 0.1 else f"{value:.4f}".rstrip("0").rstrip(".")


def aligned(values: Sequence[Any]) -> list[str]:
    """A column of a table: its numbers with one number of decimals."""
    numbers = [float(one) for one in values if _is_number(one)]
    if not numbers or all(one.is_integer() for one in numbers):
        return [shown(one) for one in values]
    digits = max(min(_decimals(one) for one in numbers if one), 0) if any(numbers) else 0
    digits = min(max(digits, 3 if max(map(abs, numbers)) < 10.0 else 1), max(_needed(one) for one in numbers))
    return [f"{float(one):,.{digits}f}" if _is_number(one) else shown(one) for one in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _decimals(value: float) -> int:
    """Decimals that show four digits of a number."""
    return 3 - math.floor(math.log10(abs(value)))


def _needed(value: float) -> int:
    """Decimals that a number of at most six has."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])

"""Estimates of a method in words that fit its scale."""

from __future__ import annotations

import math

from jaksim.report.parts.layout import NO_BREAK
from jaksim.report.parts.words import POINTS, ratio_words, unit_of_difference


def estimate_name(method: str, kind: str, ratio: str | None) -> str:
    """What the estimate of a method is called."""
    if kind == "log_ratio":
        return ratio_words(ratio)
    if kind == "probability":
        return "win probability"
    unit = unit_of_difference(method)
    return f"difference, {unit}" if unit else "difference"


def estimate_words(method: str, kind: str, shown: float) -> str:
    """The number alone: a ratio with two decimals, percentage points with one."""
    if not math.isfinite(shown):
        return "-"
    if kind == "log_ratio":
        return f"{shown:.2f}"
    if kind == "probability":
        return f"{shown:.3f}"
    unit = unit_of_difference(method)
    if unit == POINTS:
        return _signed(100.0 * shown, 1)
    return _signed(shown, 3 if unit == "net benefit" else 2)


def interval_words(method: str, kind: str, shown: tuple[float, float]) -> str:
    """Two limits."""
    low, high = (estimate_words(method, kind, one) for one in shown)
    return f"{low} to {high}".replace(" ", NO_BREAK)


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text if float(text) else f"{0.0:.{digits}f}"

"""Numbers as a report prints them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from jaksim.ratio import ratio_of
from jaksim.report.parts.layout import NO_BREAK
from jaksim.report.parts.words import POINTS, ratio_words, unit_of_difference

if TYPE_CHECKING:
    from jaksim.design.sums.result import AnalysisResult


APART: Final = "Apart"
"""The heading over how far simulated and exact values are apart, in Monte Carlo standard errors."""


def percent(value: float, digits: int = 1) -> str:
    """A probability in percent, without a sign for zero."""
    return f"{100.0 * value:.{digits}f}{NO_BREAK}%"


def probability_with_error(value: float, error: float, digits: int | None = None) -> str:
    """A probability and its Monte Carlo standard error, both in percent with the decimals that the error deserves, or
    with those of its column."""
    shown = decimals([error]) if digits is None else digits
    return f"{100.0 * value:.{shown}f} ± {100.0 * error:.{shown}f}{NO_BREAK}%"


def decimals(errors: Iterable[float]) -> int:
    """The decimals, in percent, of a column of probabilities with these errors: those that the smallest deserves."""
    return max((1 if error >= 0.01 or error <= 0.0 else 2 if error >= 0.0002 else 3 for error in errors), default=1)


def alike(values: Sequence[float], most: int = 4) -> list[str]:
    """Numbers with as many decimals as the longest of them needs, up to `most`; a dash where there is none."""
    shown = [f"{value:.{most}f}" if math.isfinite(value) else "-" for value in values]
    need = max((len(text.rstrip("0").partition(".")[2]) for text in shown if text != "-"), default=0)
    return ["-" if text == "-" else f"{value:.{need}f}" for text, value in zip(shown, values, strict=True)]


def whole(value: int) -> str:
    """A whole number with a comma between thousands."""
    return f"{value:,}"


def three_digits(value: int) -> str:
    """A whole number rounded to three digits, with a comma between thousands."""
    return whole(int(float(f"{value:.2e}")))


def patients(value: int | None) -> str:
    """A number of patients; a dash where none is enough."""
    return "-" if value is None else whole(value)


def effect(analysis: AnalysisResult) -> str:
    """The mean estimate in words that fit its scale."""
    mean = analysis.mean_estimate
    if not math.isfinite(mean):
        return "not estimable"
    if analysis.scale == "log_ratio":
        return f"{ratio_words(analysis.ratio_name)} {ratio_of(mean):.2f}{_iterated(analysis)}"
    if analysis.scale == "probability":
        return f"win probability {mean:.3f}"
    unit = unit_of_difference(analysis.method) or analysis.reference_value.what.removeprefix("mean ")
    if unit == POINTS:
        return f"{_signed(100.0 * mean, 1)}{NO_BREAK}{POINTS}"
    if unit == "net benefit":
        return f"net benefit {_signed(mean, 3)}"
    return f"{_signed(mean, 2)}{f' {unit}' if unit == 'days' else ''}"


def _iterated(analysis: AnalysisResult) -> str:
    """Where one-step estimates are outside their range, what further steps lead to in a very large trial."""
    from jaksim.analysis.survival.iterated import near

    end = analysis.iterated_estimate
    if end is None or not math.isfinite(end) or near(analysis.analytic_estimate, end):
        return ""
    return f" ({analysis.iterated_by}: {ratio_of(end):.2f})"


def missing(not_estimable: int, not_tested: int, name: str, left_out_of: str = "mean effect") -> tuple[str, ...]:
    """What replicates of an analysis lack, in sentences; nothing where they lack nothing."""
    found = []
    if not_estimable:
        times = f"{whole(not_estimable)} {'replicates' if not_estimable > 1 else 'replicate'}"
        found.append(f"{name} has no finite estimate in {times}, left out of the {left_out_of}.")
    if not_tested:
        times = f"{whole(not_tested)} {'replicates' if not_tested > 1 else 'replicate'}"
        count = "count" if not_tested > 1 else "counts"
        found.append(f"{name} has no test statistic in {times}, which {count} as not rejected.")
    return tuple(found)


def gain(factor: float | None) -> str:
    """How many times smaller a variance was made; a dash where there is none."""
    return "-" if factor is None or not math.isfinite(factor) else f"{factor:.1f}"


def standard_errors(z: float) -> str:
    """A distance in Monte Carlo standard errors."""
    return _signed(z, 1) if math.isfinite(z) else "-"


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text if float(text) else f"{0.0:.{digits}f}"

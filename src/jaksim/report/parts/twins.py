"""The analytic power in reports: its figure, marked where it is not to be relied on, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from jaksim.design.sums.result import AnalysisResult
from jaksim.report.parts.layout import paragraph
from jaksim.report.parts.numbers import percent

MARK = "?"


def analytic(one: AnalysisResult) -> str:
    """The analytic power, a dash where there is none, with a mark where it is not to be relied on."""
    if not math.isfinite(one.analytic_power):
        return "-"
    return percent(one.analytic_power) + (f" {MARK}" if one.analytic_caution else "")


def cautions(analyses: Sequence[AnalysisResult]) -> Iterator[RenderableType]:
    """Why analytic powers are not to be relied on, reason by reason."""
    reasons: dict[str, list[str]] = {}
    for number, one in enumerate(analyses, start=1):
        if one.analytic_caution:
            reasons.setdefault(one.analytic_caution, []).append(f"[{number}]")
    for reason, numbers in reasons.items():
        yield paragraph(f"{MARK} Do not rely on the analytic power of {', '.join(numbers)}: {reason}.")

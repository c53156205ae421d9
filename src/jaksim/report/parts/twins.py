"""The analytic power in reports, marked where it is not to be relied on, and levels that need not be kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jaksim.design.sums.result import AnalysisResult
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import paragraph
from jaksim.report.parts.numbers import percent

MARK = "?"


def analytic(one: AnalysisResult) -> str:
    """The analytic power, a dash where there is none, with a mark where it is not to be relied on."""
    if not math.isfinite(one.analytic_power):
        return "-"
    return percent(one.analytic_power) + (f" {MARK}" if one.analytic_caution else "")


def cautions(analyses: Sequence[AnalysisResult]) -> Iterator[Block]:
    """Why analytic powers are not to be relied on, reason by reason."""
    for reason, numbers in _by_reason([analysis.analytic_caution for analysis in analyses]):
        yield paragraph(f"{MARK} Do not rely on the analytic power of {numbers}: {reason}.")


def level_cautions(analyses: Sequence[AnalysisResult], *, null: bool) -> Iterator[Block]:
    """Why tests need not keep their level, reason by reason; without effects what is simulated is the level."""
    told = "" if null else " --null simulates the level."
    for reason, numbers in _by_reason([analysis.level_caution for analysis in analyses]):
        yield paragraph(f"Few patients for {numbers}: {reason}.{told}")


def _by_reason(reasons: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each reason with the numbers of the analyses that have it."""
    found: dict[str, list[str]] = {}
    for number, reason in enumerate(reasons, start=1):
        if reason:
            found.setdefault(reason, []).append(f"[{number}]")
    yield from ((reason, ", ".join(numbers)) for reason, numbers in found.items())

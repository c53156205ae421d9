"""The part of a report that tells what adjustment for covariates is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.design.sums.result import PowerResult
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.parts.numbers import decimals


def gains_part(result: PowerResult) -> Iterator[Block]:
    """Each analysis that adjusts beside the same without covariates, on the same patients; nothing without any."""
    if not result.gains:
        return
    number = {analysis.name: place for place, analysis in enumerate(result.analyses, start=1)}
    digits = decimals(gain.mc_se for gain in result.gains)
    rows = [
        (
            f"[{number[gain.adjusted]}]",
            f"[{number[gain.unadjusted]}]",
            f"{100.0 * gain.difference:+.{digits}f} ± {100.0 * gain.mc_se:.{digits}f} % points",
            "-"
            if math.isnan(gain.relative_efficiency)
            else f"{gain.relative_efficiency:.3f} ± {gain.efficiency_mc_se:.3f}",
            "marginal" if gain.marginal else "conditional",
        )
        for gain in result.gains
    ]
    yield heading("Gain by adjustment")
    headers = ["Adjusted", "Without", "Rejects more often", "Relative efficiency", "Estimand"]
    yield columns(headers, rows, right=(2, 3))
    yield paragraph(
        "Both on the same patients, so that the error is that of the difference. Relative efficiency: how many times "
        "the patients the analysis without covariates needs. A marginal effect is one and the same with and without "
        "covariates, and the efficiency is the ratio of the variances of the estimates. A conditional one is another "
        "effect, of patients with the same covariates, further from none than without: there the efficiency is that of "
        "the tests, the squared ratio of mean estimate to standard deviation, with a dash where there is hardly an "
        "effect."
    )
    yield ""

"""The report of two scenarios compared."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.design.comparison import ComparedAnalysis, Comparison
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import assumptions_part
from jaksim.report.parts.layout import NO_BREAK, columns, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import decimals, gain, missing, percent, probability_with_error, whole


def comparison_report(result: Comparison) -> Iterator[Block]:
    """Power in both, the paired difference, and what common random numbers were worth."""
    for letter, name, which in zip("AB", result.titles, ("first", "second"), strict=True):
        changes = result.provenance[which]["changes"]
        yield title(f"{letter}: {name}{' with ' + ', '.join(changes) if changes else ''}")
    yield ""
    yield heading("Power")
    digits = decimals(error for one in result.analyses for error in (one.power_first_mc_se, one.power_second_mc_se))
    rows = [(f"[{number}]", *_row(analysis, digits)) for number, analysis in enumerate(result.analyses, start=1)]
    headers = ["", "Analysis", "A", "B", "B less A", "Only A, only B", "Gain"]
    yield columns(headers, rows, right=(2, 3, 4, 5, 6))
    lost = [
        sentence
        for number, analysis in enumerate(result.analyses, start=1)
        for sentence in missing(analysis.not_estimable, 0, f"[{number}]")
    ]
    if result.replicates == 1:
        lost.append("One replicate gives the difference no standard error.")
    if lost:
        yield paragraph(" ".join(lost))
    yield ""
    patients = result.patients
    yield paragraph(
        f"Patients on average: B less A {patients.difference:+,.1f} ± {patients.mc_se:,.1f}"
        if patients.mc_se > 0.0
        else f"Patients: A {whole(result.n_patients[0])}, B {whole(result.n_patients[1])}."
    )
    yield paragraph(
        "Only A, only B: share of replicates in which just that one rejects. Gain: how many times more "
        "replicates two independent runs would need for the same error of the difference. ± is the Monte Carlo "
        "standard error, for the difference that of pairs."
    )
    yield from each_by_itself(*(estimate.trial for estimate in result.asked or ()))
    yield from _assumptions(result)
    yield ""
    yield paragraph(
        f"{whole(result.replicates)} replicates, seed {result.seed}, {' and '.join(dict.fromkeys(result.engines))} "
        f"engine, {result.elapsed_seconds:.1f} s; jaksim {result.provenance['first']['version']}."
    )
    yield recreated(result.provenance["command"])


def _assumptions(result: Comparison) -> Iterator[Block]:
    """Those of the first scenario, and what the second has instead."""
    if not result.assumptions:
        return
    first, second = result.assumptions
    yield ""
    yield from assumptions_part(first, "Assumptions of A" if first != second else "Assumptions of both")
    others = [line for line in second if line not in first]
    if others:
        yield ""
        yield from assumptions_part(others, "Assumptions of B that are not those of A")


def _row(one: ComparedAnalysis, digits: int) -> tuple[str, ...]:
    name = one.first if one.first == one.second else f"{one.first} / {one.second}"
    difference = f"{100 * one.power.difference:+.2f} ± {100 * one.power.mc_se:.2f}{NO_BREAK}%"
    if not math.isfinite(one.power.mc_se):
        difference = f"{100 * one.power.difference:+.2f}{NO_BREAK}%"
    return (
        name,
        probability_with_error(one.power_first, one.power_first_mc_se, digits),
        probability_with_error(one.power_second, one.power_second_mc_se, digits),
        difference,
        f"{percent(one.only_first)}, {percent(one.only_second)}",
        gain(one.power.variance_reduction),
    )

"""Boundaries of interim analyses as a record and as a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jaksim.report.parts.layout import columns, definitions, heading, paragraph
from jaksim.report.parts.numbers import alike, percent
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.record import DRIFTS

if TYPE_CHECKING:
    from jaksim.report.blocks import Block


def boundaries_answer(found: Boundaries) -> Iterator[Block]:
    """The report of the answer of `boundaries`."""
    yield from boundaries_report(found.contents())


def boundaries_report(record: dict[str, Any]) -> Iterator[Block]:
    """Design, table of the analyses, chances of stopping, and what it costs and saves."""
    yield heading("Boundaries")
    yield paragraph(record["design"][0].upper() + record["design"][1:])
    yield ""
    yield bounds_table(record)
    yield ""
    yield heading("Chance of stopping at each analysis")
    yield paragraph("Under no effect, half the planned effect, and the planned effect.")
    yield ""
    yield _chances(record)
    yield ""
    yield heading("Size")
    yield definitions(_size(record))


def bounds_table(record: dict[str, Any], when: Sequence[str] = ()) -> Block:
    """The bounds of each analysis, with what triggers it where that is given."""
    headers = ["Analysis", "Information", "Efficacy z", "nominal p", "alpha spent"]
    series = [[_z(z) for z in record["upper_z"]], [_p(p) for p in record["nominal_p"]]]
    series.append([_p(p) for p in record["alpha_spent"]])
    if record["beta_spent"] is not None:
        headers += ["|z| for futility" if record["sides"] == 2 else "Futility z", "beta spent"]
        series += [[_z(z) for z in record["lower_z"]], [_p(p) for p in record["beta_spent"]]]
    if record["harm_z"] is not None:
        headers.append("Harm z")
        series.append([_z(z) for z in record["harm_z"]])
    if when:
        headers.insert(1, "When")
        series.insert(0, list(when))
    numbers = alike(record["information"])
    series.insert(1 if when else 0, numbers)
    rows = [[str(number), *(one[number - 1] for one in series)] for number in range(1, len(numbers) + 1)]
    return columns(headers, rows, right=[k for k, header in enumerate(headers) if header != "When"])


def _chances(record: dict[str, Any]) -> Block:
    crossing = record["crossing"]
    lower = "lower" if record["sides"] == 1 else "inner"
    below = "Harm" if record["beta_spent"] is None else "Futility"
    headers = ["Analysis", "Efficacy: none", "half", "planned"]
    kinds = [("upper", name) for name in DRIFTS]
    if any(any(crossing[name][lower]) for name in DRIFTS):
        headers += [f"{below}: none", "half", "planned"]
        kinds += [(lower, name) for name in DRIFTS]
    share = record["sides"]
    values = [_both(crossing[name], share) if kind == "upper" else crossing[name][kind] for kind, name in kinds]
    rows = [
        [str(number + 1), *(percent(one[number], 2) for one in values)] for number in range(len(record["information"]))
    ]
    rows.append(["all", *(percent(math.fsum(number), 2) for number in values)])
    return columns(headers, rows, right=range(len(headers)))


def _both(crossing: dict[str, Sequence[float]], sides: int) -> list[float]:
    if sides == 1:
        return list(crossing["upper"])
    return [above + below for above, below in zip(crossing["upper"], crossing["lower"], strict=True)]


def _size(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield (
        "power",
        f"{percent(1.0 - record['beta'], 1)} at a drift of {record['drift']:.4f} (expected z at information 1)"
        f"{', the upper tail alone' if record['sides'] == 2 else ''}",
    )
    alike = ", by the upper tail alone as well" if record["sides"] == 2 else ""
    yield "inflation", f"{record['inflation_factor']:.4f} times the information of a trial with one analysis{alike}"
    expected = record["expected_information"]
    shares = ", ".join(f"{expected[name]:.4f} under {_hypothesis(name)}" for name in DRIFTS)
    yield "expected", f"{shares}, in parts of the largest information"


def _hypothesis(name: str) -> str:
    return {"null": "the null", "half": "half the effect", "alternative": "the effect"}[name]


def _z(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "-"


def _p(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.3g}" if value < 1e-4 else f"{value:.6f}"

"""The report of a reproduced trial: each published figure among the simulated ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from jaksim.report.calibration import number_text
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.calibrate import ReproducedStudy


def reproduction_answer(found: ReproducedStudy) -> Iterator[RenderableType]:
    """The report of the answer of `reproduce`."""
    yield from reproduction_report(found.as_dict())


def reproduction_report(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """A table of the object that `jaksim reproduce --json` prints."""
    yield title(document["title"])
    yield ""
    yield heading("Published figures among simulated trials of the same size")
    rows = [
        (
            one["id"],
            number_text(one["reported"], one["statistic"]),
            number_text(one["mean"], one["statistic"]),
            " to ".join(number_text(limit, one["statistic"]) for limit in one["interval"]),
            f"{100 * one['percentile']:.1f} %",
            f"{one['z']:+.2f}" if math.isfinite(one["z"]) else "-",
        )
        for one in document["figures"]
    ]
    headers = ["Figure", "Reported", "Mean", "95 % of the trials", "Percentile", "z"]
    yield columns(headers, rows, right=(1, 2, 3, 4, 5))
    yield paragraph(
        "Percentile: share of simulated trials below the reported figure, ties counted half. z: distance from their "
        "mean in their standard deviations."
    )
    parameters = document["parameter_set"]
    yield paragraph(
        f"{document['replicates']:,} trials, seed {document['seed']}, parameter set {parameters['name']} "
        f"{parameters['hash']}, {document['elapsed_seconds']:.1f} s."
    )

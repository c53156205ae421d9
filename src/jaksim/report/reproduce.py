"""The report of a reproduced trial: each published figure among the simulated ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jaksim.report.blocks import Block
from jaksim.report.calibration import number_text
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.calibrate import ReproducedStudy


def reproduction_answer(found: ReproducedStudy) -> Iterator[Block]:
    """The report of the answer of `reproduce`."""
    yield from reproduction_report(found.as_dict())


def reproduction_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """A table of the object that `jaksim reproduce --json` prints."""
    yield title(document["title"])
    yield ""
    yield heading("Published figures among simulated trials of the same size")
    rows = [
        (
            figure["id"],
            number_text(figure["reported"], figure["statistic"]),
            number_text(figure["mean"], figure["statistic"]),
            _interval(figure["interval"], figure["statistic"]),
            f"{100 * figure['percentile']:.1f} %",
            "-" if figure["z"] is None else f"{figure['z']:+.2f}",
        )
        for figure in document["figures"]
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


def _interval(limits: list[float | None], statistic: str) -> str:
    """The limits; one that is not finite is that of trials with no event in the arm that is divided by."""
    unbounded = "not reached" if statistic.split(" of ")[0] == "median" else "infinity"
    return " to ".join(unbounded if limit is None else number_text(limit, statistic) for limit in limits)

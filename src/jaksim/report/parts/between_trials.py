"""The part of a report about how much a treatment's benefit differs between trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from jaksim.report.parts.layout import columns, heading, paragraph


def between_trials_part(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """By treatment, how much each endpoint differs between trials, and by which effects; nothing where none do."""
    rows = _rows(document["between_trial_induced"])
    if not rows:
        return
    yield ""
    yield heading("Differences between trials")
    yield columns(["Treatment", "Endpoint", "Standard deviation of", "Induced", "Cited"], rows, right=(3, 4))
    yield paragraph(f"{_kinds(document)} {_source(document)}".strip())


def _rows(induced: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            row["treatment"],
            row["endpoint"],
            row["measure"],
            f"{row['sd']:.3f}",
            "-" if row["cited"] is None else f"{row['cited']:.3f}",
        )
        for row in induced
    ]


def _kinds(document: Mapping[str, Any]) -> str:
    each = [
        f"{treatment} {', '.join(f'{kind} {sd:.3f}' for kind, sd in sds.items())}"
        for treatment, sds in document["between_trial_sd"].items()
    ]
    correlation = document["between_trial_correlation"]
    how = "independent of each other" if correlation == 0.0 else f"with correlation {correlation:g}"
    return (
        "How much more a treatment does in one trial than in another, on the average patient of its arm. It comes from "
        f"standard deviations of its log hazard ratios, kinds {how}: {'; '.join(each)}."
    )


def _source(document: Mapping[str, Any]) -> str:
    return f"Source: {document['between_trial_source']}." if document["between_trial_source"] else ""

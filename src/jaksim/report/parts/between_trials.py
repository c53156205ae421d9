"""The part of a report about how much a treatment's benefit differs between trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph


def between_trials_part(document: Mapping[str, Any]) -> Iterator[Block]:
    """By treatment, how much each endpoint differs between trials, and by which effects; nothing where none do."""
    rows = _rows(document["between_trial_induced"])
    if not rows:
        return
    yield ""
    yield heading("Differences between trials")
    compared = any(row["published"] is not None for row in document["between_trial_induced"])
    headers = ["Treatment", "Endpoint", "Standard deviation of", "Induced", "Cited", "Published"]
    shown = len(headers) if compared else len(headers) - 1
    yield columns(headers[:shown], [row[:shown] for row in rows], right=tuple(range(3, shown)))
    yield paragraph(f"{_kinds(document)} {_source(document)}".strip())
    if compared:
        yield paragraph(f"Published or synthesised, for comparison alone: {'; '.join(_sources(document))}.")


def _rows(induced: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            row["treatment"],
            row["endpoint"],
            row["measure"],
            *("-" if row[key] is None else f"{row[key]:.3f}" for key in ("sd", "cited", "published")),
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


def _sources(document: Mapping[str, Any]) -> list[str]:
    rows = [row for row in document["between_trial_induced"] if row["published"] is not None and row["source"]]
    return list(dict.fromkeys(row["source"] for row in rows))


def _source(document: Mapping[str, Any]) -> str:
    return f"Source: {document['between_trial_source']}." if document["between_trial_source"] else ""

"""The expected distribution of every ordinal endpoint, arm by arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from jaksim.design.sums.expected import ExpectedEndpoint
from jaksim.report.parts.layout import columns, heading, paragraph
from jaksim.report.showing.numbers import percent_cell

if TYPE_CHECKING:
    from jaksim.report.blocks import Block

MOST_CATEGORIES: Final = 12
"""An endpoint with more categories is told in parts."""


def distributions_part(endpoints: Sequence[ExpectedEndpoint]) -> Iterator[Block]:
    """A table for each ordinal endpoint, the best category first; nothing where there is none."""
    ordinal = [one for one in endpoints if one.labels]
    if not ordinal:
        return
    yield ""
    yield heading("Expected distribution, % of the patients")
    for one in ordinal:
        names = _groups(one.labels)
        yield paragraph(f"{one.endpoint}:")
        rows = [
            (arm.arm, *(percent_cell(sum(probabilities[label] for label in group)) for group in names.values()))
            for arm in one.arms
            if (probabilities := arm.summary.get("probabilities")) is not None
        ]
        yield columns(["Arm", *names], rows, right=range(1, 1 + len(names)))


def _groups(labels: Sequence[str]) -> dict[str, Sequence[str]]:
    """Categories by the name of a column: each by itself, or several together where there are many."""
    if len(labels) <= MOST_CATEGORIES:
        return {label: (label,) for label in labels}
    size = -(-len(labels) // MOST_CATEGORIES)
    parts = [labels[first : first + size] for first in range(0, len(labels), size)]
    return {part[0] if len(part) == 1 else f"{part[0]} to {part[-1]}": part for part in parts}

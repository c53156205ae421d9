"""The list of scenarios that come with jaksim."""

from __future__ import annotations

from collections.abc import Iterator

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, entry, paragraph
from jaksim.report.parts.numbers import whole
from jaksim.verbs.new.scenarios import ScenarioList

MOST_IN_FULL = 5


def scenarios_report(found: ScenarioList) -> Iterator[Block]:
    """A row for each; a few are described in full."""
    rows = [(one.name, one.title, one.scale, whole(one.patients), ", ".join(one.design)) for one in found.scenarios]
    yield columns(["Name", "Title", "Scale", "Patients", "Design"], rows, right=(3,))
    if len(found.scenarios) <= MOST_IN_FULL:
        for one in found.scenarios:
            yield entry(one.name, f"arms: {', '.join(one.arms)}", one.question)
    first = found.scenarios[0].name
    yield paragraph(f"`jaksim show {first}` shows one, `jaksim power {first}` runs it, and")
    yield paragraph(f"`jaksim new mine --from {first}` copies it to be edited.")

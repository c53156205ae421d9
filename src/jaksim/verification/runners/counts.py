"""Published counts by clinical status against the evidence that ships with the tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.evidence.catalogue import load_study
from jaksim.verification.registry import NotCovered


def reference_data_ordinal_day15(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Day-15 counts of ACTT-2 by baseline score, category 1 for the dead to 8 for the best."""
    if not inputs["trial"].startswith("ACTT-2"):
        raise NotCovered("the evidence holds the final report, not the preliminary one")
    records = load_study("actt-2").records
    return {
        letter: {str(score): _counts(records[f"day15_table.score{score}.{arm}"]) for score in (4, 5, 6, 7)}
        for letter, arm in (("A", "baricitinib"), ("P", "placebo"))
    }


def _counts(record: Any) -> list[int]:
    return [int(count) for count in record.figure.counts][::-1]

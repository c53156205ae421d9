"""Published counts by clinical status against the evidence that ships with the tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.evidence.catalogue import load_study
from jaksim.patient_data.analyze import analyze, describe
from jaksim.patient_data.question import Question
from jaksim.verification.data_set import read_data


def reference_data_ordinal_day15(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Day-15 counts, category 1 for the dead to 8 for the best: those of a data set, or of ACTT-2 by score."""
    if "data" in inputs:
        return _counts_of_data(inputs["data"])
    records = load_study("actt-2").records
    return {
        letter: {str(score): _counts(records[f"day15_table.score{score}.{arm}"]) for score in (4, 5, 6, 7)}
        for letter, arm in (("A", "baricitinib"), ("P", "placebo"))
    }


def _counts(record: Any) -> list[int]:
    return [int(count) for count in record.figure.counts][::-1]


def _counts_of_data(name: str) -> Mapping[str, Any]:
    """What `jaksim analyze` says of the arms of a data set."""
    analyzed = analyze(
        read_data(name),
        methods=["proportional_odds"],
        question=Question(reference="Placebo", better="higher"),
    )
    arms = describe(analyzed.data[0])["arms"]
    return {arm["arm"].lower(): [arm["counts"][label] for label in sorted(arm["counts"])] for arm in arms}

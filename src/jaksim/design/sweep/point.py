"""One point of a sweep: the sums of its blocks, and what is known of it without replicates."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from jaksim.design.engine.executor import blocks
from jaksim.design.planned_result import planned_result
from jaksim.design.prepared import Prepared
from jaksim.design.settings import LONG_BLOCK
from jaksim.design.sums.result import AnalysisResult, ArmValue
from jaksim.design.sweep.part import Part
from jaksim.design.sweep.plan import Task

Known = list[dict[str, Any]]


def part_of(prepared: Prepared, task: Task) -> Part:
    """The sums of a task of a point that was made ready."""
    total = prepared.empty()
    rejected = []
    for first, n in blocks(task.first, task.first + task.replicates, prepared.length(LONG_BLOCK)):
        found = prepared.sums(first, n)
        rejected.append(found.summary.rejected)
        total.add(found)
    together = np.concatenate([rejections for rejections in rejected if rejections is not None], axis=1)
    return Part(task.point, task.first, total, together, known(prepared) if task.first == 0 else None)


def known(prepared: Prepared) -> Known:
    """What is known of every analysis without replicates, as plain values; that of the trial with the first."""
    entries = [_without_gaps(_plain(planned_result(prepared, test))) for test in prepared.tests]
    design, truth = prepared.design, prepared.truth
    of_trial: dict[str, Any] = {"engine": design.engine_name}
    if prepared.multiple is not None:
        of_trial["hypotheses"] = list(prepared.multiple.positions)
    if truth is not None:
        of_trial["truth"] = {
            "hypotheses": truth.hypotheses,
            "arms": truth.arms,
            "estimates": truth.estimates,
            "looks": design.looks,
            "analytic": [dict(row) for row in prepared.analytic],
        }
    entries[0]["trial"] = of_trial
    return entries


def _plain(result: AnalysisResult) -> dict[str, Any]:
    """The fields by name, those that have fields of their own as these by name; others are not copied, which takes
    long."""
    return {name: asdict(value) if isinstance(value, ArmValue) else value for name, value in vars(result).items()}


_OF_SUMS = (
    "power", "mc_se", "ci", "favourable", "mean_estimate", "mean_estimate_mc_se", "sd_estimate",
    "mean_standard_error", "not_estimable", "not_tested", "z", "variance_reduction",
)  # fmt: skip


def _without_gaps(entry: dict[str, Any]) -> dict[str, Any]:
    """The values that do not come from replicates; None in place of a number that does not exist."""
    kept = {name: value for name, value in entry.items() if name not in _OF_SUMS and (name != "adjusts" or value)}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in kept.items()}

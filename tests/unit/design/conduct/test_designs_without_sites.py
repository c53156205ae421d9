"""Trials in calendar time whose operations are not named, bit for bit as they were before there were any."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from jaksim.design.prepared import Prepared
from tests.unit.design.operated import scenario_trial

RECORDED = {
    "tests/scenarios/interims": "2e9c4ef6efff7e58",
    "tests/scenarios/arms": "fb21ccb700d9b4fc",
    "tests/scenarios/doses": "47a2307c0469e81b",
    "tests/scenarios/platform": "afb72f36c8163feb",
    "tests/scenarios/bayesian": "a3577c6ab25ccd31",
    "tests/scenarios/adaptive": "8812f2c13e32078a",
    "scenarios/actt4-interims": "d9f6a53cda375270",
    "scenarios/actt4-promising-zone": "6e443974a0197229",
    "scenarios/actt4-blinded-reestimation": "fcba64967f39b095",
    "scenarios/actt4-enrichment": "1bdc163c4ba92c70",
}
"""Of replicates 2 to 13 under seed 3, by the law engine, by a version that knew no sites."""


@pytest.mark.parametrize("name", RECORDED)
def test_patients_and_decisions_are_those_recorded(name):
    design = Prepared(scenario_trial(name), 3, "law").design
    found, cohort = design.conduct(2, 12)
    # Who never goes on enrolling keeps neither numbers nor words of candidates.
    drawn = cohort if cohort.number.shape[1] else design.enrolled(2, 12)
    digest = hashlib.sha256()
    for one in (found.look, found.reason, found.day, found.enrolled, found.rejected, cohort.n):
        digest.update(np.ascontiguousarray(one).astype(np.int64).tobytes())
    for values in (cohort.day, cohort.stratum, cohort.arm, drawn.word, drawn.number):
        there = np.arange(cohort.most) < cohort.n[:, None]
        digest.update(np.where(there, values.astype(np.int64), -1).tobytes())
    assert digest.hexdigest()[:16] == RECORDED[name]

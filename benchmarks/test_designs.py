"""Every shipped scenario end to end: enrolment, data cuts, all planned analyses, decisions and adaptations."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conftest import skip_in_tests
from benchmarks.work import Work
from jaksim import load_scenario
from jaksim.design.defaults import DEFAULT_SEED
from jaksim.design.prepared import Prepared

SCENARIOS = sorted(path.stem for path in Path("scenarios").glob("*.toml"))
# Its critical value is found by simulation first.
SET_UP_BY_SIMULATION = "remap-cap-adaptive"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_design(alone, benchmark, scenario):
    if scenario == SET_UP_BY_SIMULATION:
        skip_in_tests(benchmark)
    trial = load_scenario(f"scenarios/{scenario}.toml").trial
    found = Prepared(trial, DEFAULT_SEED)
    n = found.length() if benchmark.enabled else 2
    benchmark.extra_info.update(
        patients=trial.population.patients,
        analyses=len(trial.analyses),
        kind=kind(trial),
        engine=found.design.engine_name,
    )
    alone(Work(lambda block: found.block(block * n, n), n, "trials"))


def kind(trial) -> str:
    """What sets the design apart."""
    if trial.adaptation is not None:
        return str(trial.adaptation.kind)
    return "one analysis" if trial.monitoring is None else "group-sequential"

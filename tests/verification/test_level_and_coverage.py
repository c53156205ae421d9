"""Level and coverage of every analysis, and that the published table has them all."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jaksim.analysis import METHODS

SCRIPT = Path(__file__).parents[2] / "docs" / "verification" / "level_and_coverage.py"
REPLICATES = 4_000
WORST_Z = 4.0


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("level_and_coverage", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def published(script: ModuleType) -> dict[tuple[str, str, str], tuple[float, float | None, str]]:
    """Level, coverage and reason by design, endpoint and analysis."""
    found = {}
    for design, lines in script.published().items():
        for (endpoint, analysis), line in lines.items():
            _, _, level, covers, _, reason, _ = (cell.strip() for cell in line.split("|")[1:-1])
            coverage = float(covers.split()[0]) / 100.0 if covers else None
            found[design, endpoint, analysis] = float(level.split()[0]) / 100.0, coverage, reason
    return found


def test_the_table_has_every_analysis_in_every_design(script: ModuleType) -> None:
    table = script.published()
    for design in script.DESIGNS:
        chosen = {(plan.endpoint, plan.name) for plan in script.plans(script.trial_of(design))}
        assert set(table[design]) == chosen, f"{design}: python {SCRIPT.name} missing"
        assert {analysis.split(",")[0] for _, analysis in chosen} == set(METHODS), design


def test_every_analysis_outside_the_ranges_has_a_reason(script: ModuleType) -> None:
    for (*_, analysis), (level, coverage, reason) in published(script).items():
        assert reason != script.UNEXPLAINED, analysis
        outside = abs(level - 0.05) > script.LEVEL_RANGE + 1e-9
        if coverage is not None:
            outside = outside or abs(coverage - 0.95) > script.COVERAGE_RANGE + 5e-5
        assert reason or not outside, analysis


@pytest.mark.verify
def test_a_new_run_agrees_with_the_table(script: ModuleType) -> None:
    table = published(script)
    for design in script.DESIGNS:
        trial = script.trial_of(design)
        plans = [plan for plan in script.plans(trial) if plan.method != "markov_proportional_odds"]
        for endpoint in dict.fromkeys(plan.endpoint for plan in plans):
            mine = [plan for plan in plans if plan.endpoint == endpoint]
            without = script.measures(trial.under_null(), mine, REPLICATES, intervals=False, seed=77)
            works = script.measures(trial, mine, REPLICATES, intervals=False, seed=78)
            for plan, null, effect in zip(mine, without, works, strict=True):
                level, coverage, _ = table[design, endpoint, plan.name]
                error = math.sqrt(level * (1.0 - level) * (1.0 / REPLICATES + 1e-5))
                assert abs(null.rejects - level) < WORST_Z * error, (design, plan.name)
                if coverage is not None and plan.method not in script.OWN_INTERVAL:
                    error = math.sqrt(coverage * (1.0 - coverage) * (1.0 / REPLICATES + 1e-5))
                    assert abs(effect.covers - coverage) < WORST_Z * error, (design, plan.name)

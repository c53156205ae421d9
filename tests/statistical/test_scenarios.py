"""Every shipped scenario runs, its two engines agree, and its tests keep their level or the documentation says why."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.result import AnalysisResult
from jaksim.evidence import load_study, study_ids
from jaksim.scenario import load_scenario
from jaksim.verbs.power import power

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
NAMES = [path.stem for path in SCENARIOS]
SCRIPT = ROOT / "docs" / "verification" / "type_one_error.py"
WORST_Z = 4.0


def z_of_powers(one: AnalysisResult, n: int, other: AnalysisResult, m: int) -> float:
    pooled = (n * one.power + m * other.power) / (n + m)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
    return (one.power - other.power) / error if error > 0.0 else 0.0


@pytest.mark.parametrize("path", SCENARIOS, ids=NAMES)
def test_engines_agree(path: Path) -> None:
    trial = load_scenario(path).trial
    # A trial at its sites has patients, whatever draws their outcomes, and takes ten times as long.
    many, few = (4000, 800) if trial.operations is None else (800, 400)
    law = trial_power(trial, Settings(replicates=many, seed=21, engine="law"))
    paths = trial_power(trial, Settings(replicates=few, seed=22, engine="path"))
    for one, other in zip(law.analyses, paths.analyses, strict=True):
        assert abs(z_of_powers(one, many, other, few)) < WORST_Z, (one.name, one.power, other.power)
        error = math.hypot(one.mean_estimate_mc_se, other.mean_estimate_mc_se)
        assert abs(one.mean_estimate - other.mean_estimate) < WORST_Z * error, (one.name, one.mean_estimate)


@pytest.mark.parametrize("name", ["factorial", "ruxcovid-devent"])
@pytest.mark.parametrize("engine", ["law", "path"])
def test_workers_do_not_change_a_byte(name: str, engine: str) -> None:
    scenario = load_scenario(ROOT / "scenarios" / f"{name}.toml")

    def record(workers: int) -> str:
        result = power(scenario, replicates=700, seed=3, engine=engine, workers=workers)
        return json.dumps(replace(result, elapsed_seconds=0.0).as_dict())

    assert record(1) == record(2)


def test_every_scenario_is_described_in_the_documentation() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`{name}.toml`" in page, name


def test_every_randomised_trial_of_the_catalogue_has_a_scenario_or_a_reason() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    registries = {load_scenario(path).registry for path in SCENARIOS}
    randomised = [study for study in map(load_study, study_ids()) if study.summary.startswith("Randomised")]
    assert len(randomised) >= 13
    for study in randomised:
        if not registries & set(study.registry):
            assert f"`{study.id}`" in page, study.id


def type_one_error() -> ModuleType:
    spec = importlib.util.spec_from_file_location("type_one_error", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def published_shares(page: str) -> dict[tuple[str, str], float]:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    return {(row[0], row[1]): float(row[3].split()[0]) / 100.0 for row in rows if "±" in row[3]}


def test_the_table_of_type_one_errors_has_every_analysis() -> None:
    page = (SCRIPT.parent / "type-one-error.md").read_text(encoding="utf-8")
    trials = {path.stem: load_scenario(path).trial for path in SCENARIOS}
    fixed = {name: trial for name, trial in trials.items() if trial.adaptation is None}
    expected = {(name, plan.name) for name, trial in fixed.items() for plan in trial.analyses}
    assert set(published_shares(page)) == expected


@pytest.mark.verify_long
def test_every_test_keeps_its_level_or_the_documentation_says_why() -> None:
    script = type_one_error()
    shares = published_shares((SCRIPT.parent / "type-one-error.md").read_text(encoding="utf-8"))
    for row in script.rows(SCENARIOS):
        assert row.reason != script.UNEXPLAINED, row
        assert abs(row.rejects - shares[row.scenario, row.analysis]) < WORST_Z * math.sqrt(2.0) * row.mc_se, row

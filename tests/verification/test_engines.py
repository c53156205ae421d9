"""The two engines, the large-sample twin and the level of every test, at 100,000 replicates of ACTT-2 and ACTT-4."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from jaksim.cli import run
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.result import PowerResult
from jaksim.scenario import load_scenario

pytestmark = pytest.mark.verify

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NAMES = ("actt2", "actt4")
REPLICATES = 100_000
WORST_Z = 4.0


@cache
def result(name: str, engine: str, seed: int, null: bool = False) -> PowerResult:
    trial = load_scenario(SCENARIOS / f"{name}.toml").trial
    return trial_power(trial, Settings(replicates=REPLICATES, seed=seed, engine=engine), null=null)


def share_z(one: float, other: float) -> float:
    """Distance of two shares of as many replicates in standard errors of the difference, pooled."""
    p = (one + other) / 2
    return (one - other) / math.sqrt(2 * p * (1 - p) / REPLICATES)


@pytest.mark.parametrize("name", NAMES)
def test_law_and_path_engine(name, measured):
    law, path = result(name, "law", 101), result(name, "path", 102)
    worst = 0.0
    for one, other in zip(law.analyses, path.analyses, strict=True):
        power_z = share_z(one.power, other.power)
        error = math.hypot(one.mean_estimate_mc_se, other.mean_estimate_mc_se)
        mean_z = (one.mean_estimate - other.mean_estimate) / error
        worst = max(worst, abs(power_z), abs(mean_z))
        measured(
            f"engines-{name}",
            ("analysis", "power, law", "power, path", "z", "mean estimate, law", "path", "z"),
            (
                one.name,
                f"{100 * one.power:.2f} %",
                f"{100 * other.power:.2f} %",
                f"{power_z:+.2f}",
                f"{one.mean_estimate:.5f}",
                f"{other.mean_estimate:.5f}",
                f"{mean_z:+.2f}",
            ),
        )
    together = zip(np.ravel(law.joint), np.ravel(path.joint), strict=True)
    worst = max(worst, abs(share_z(law.any_rejection, path.any_rejection)), *(abs(share_z(*pair)) for pair in together))
    measured("engines", ("scenario", "largest absolute z, joint rejections included"), (name, f"{worst:.2f}"))
    assert worst < WORST_Z


@pytest.mark.parametrize("name", NAMES)
def test_simulated_power_and_its_large_sample_twin(name, measured):
    for one in result(name, "law", 101).analyses:
        measured(
            f"twin-{name}",
            ("analysis", "simulated", "large-sample", "z"),
            (one.name, f"{100 * one.power:.2f} %", f"{100 * one.analytic_power:.2f} %", f"{one.z:+.2f}"),
        )
    assert all(abs(one.z) < WORST_Z for one in result(name, "law", 101).analyses)


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize("name", NAMES)
def test_level_of_every_test(name, engine, measured):
    found = result(name, engine, 103, null=True).analyses
    for one in found:
        measured(
            f"level-{name}-{engine}",
            ("analysis", "rejections without a difference", "standard error"),
            (one.name, f"{100 * one.power:.2f} %", f"{100 * one.mc_se:.2f} %"),
        )
    assert all(0.047 <= one.power <= 0.053 for one in found)


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize("name", NAMES)
def test_workers_leave_every_byte(name, engine, capfd, measured):
    def printed(workers: int) -> bytes:
        capfd.readouterr()
        words = ["power", SCENARIOS / f"{name}.toml", "--engine", engine, "--replicates", 20_000, "--workers", workers]
        assert run([*map(str, words), "--json"]) == 0
        document = json.loads(capfd.readouterr().out)
        assert document.pop("elapsed_seconds") > 0
        return json.dumps(document).encode()

    assert printed(1) == printed(2)
    measured("same", ("scenario", "engine", "changed", "bytes that differ"), (name, engine, "workers 1, 2", 0))


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize("name", NAMES)
def test_blocks_leave_every_digit(name, engine, measured):
    trial = load_scenario(SCENARIOS / f"{name}.toml").trial

    def found(block: int, workers: int) -> PowerResult:
        settings = Settings(replicates=3_000, seed=5, engine=engine, block=block, workers=workers)
        return trial_power(trial, settings)

    first = found(2_048, 1)
    for block, workers in ((1, 2), (7, 1), (1_000, 2), (1_999, 1)):
        other = found(block, workers)
        assert other.analyses == first.analyses
        assert (other.joint, other.any_rejection) == (first.joint, first.any_rejection)
    measured("same", ("scenario", "engine", "changed", "bytes that differ"), (name, engine, "blocks of 1 to 2,048", 0))

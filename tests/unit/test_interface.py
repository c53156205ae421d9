import subprocess
import sys
from pathlib import Path

import pytest

import jaksim

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"


def test_verbs_are_found_and_listed():
    assert {"analyze", "load_scenario", "power", "simulate_trial"} <= set(dir(jaksim))
    with pytest.raises(AttributeError, match="no attribute 'powr'"):
        _ = jaksim.powr


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import jaksim, sys; print([m for m in ('numba', 'scipy', 'pandas', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_result_converts_to_a_frame_with_its_provenance():
    result = jaksim.power(jaksim.load_scenario(SMALL), replicates=100, seed=1)
    frame = result.to_pandas()
    assert frame.power.tolist() == [one.power for one in result.analyses]
    assert {"mc_se", "ci_low", "ci_high", "analytic_power", "n_for_power_90", "reference_value"} <= set(frame.columns)
    assert frame.attrs["provenance"]["command"].startswith("jaksim power ")
    assert frame.attrs["replicates"] == 100


def test_progress_is_told_of_every_replicate():
    told: list[int] = []
    jaksim.power(jaksim.load_scenario(SMALL), replicates=1100, progress=told.append)
    assert sum(told) == 1100
    assert len(told) > 1

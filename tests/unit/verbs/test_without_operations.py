"""Every verb on trials whose operations are not named: the bytes that it gave before there were any."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

import jaksim

HERE = Path(__file__).parents[2] / "scenarios"
FIXED, MONITORED, ADAPTIVE = (str(HERE / f"{name}.toml") for name in ("small", "interims", "doses"))
RECORDED = {
    "power of a fixed design": "61dbb333488a2433",
    "power of interim analyses": "11145069aaca7f3d",
    "power of an adaptive design": "2ad444fa8a7878c5",
    "size of a fixed design": "e55a84f92d586991",
    "size of interim analyses": "6cfb0f4acc8d8eff",
    "compare": "61028f8e73adb9a0",
    "sweep": "615ab80e8082a303",
    "predict": "67447d795aaf55fd",
    "patients of a fixed design": "ae5f8a3d37b850c4",
    "patients of interim analyses": "1c502fc73cfe8e73",
}
"""Of the version that first knew operations, without `sites` of an analysis, the prediction of that which first drew
differences between trials by kind of effect; numbers to nine digits."""
LEFT = (
    "elapsed_seconds", "provenance", "assumptions", "scenario", "scenarios", "directory", "fingerprint", "sites",
    "between_trial_sd", "between_trial_source", "between_trial_correlation", "between_trial_induced", "variance",
    "reweighted", "limits_mc_se", "evidence", "indirect", "value_of_information", "expected",
)  # fmt: skip


def answer(what: str, out: Path) -> Any:
    """What a verb answers, as plain values."""
    few: dict[str, Any] = {"replicates": 300, "seed": 11, "workers": 1}
    scenario = {"fixed": FIXED, "interim": MONITORED, "adaptive": ADAPTIVE}
    path = next((one for name, one in scenario.items() if name in what), FIXED)
    if what.startswith("power"):
        return jaksim.power(path, **few).as_dict()
    if what.startswith("size"):
        return jaksim.size(path, power=0.5, **few).as_dict()
    if what == "compare":
        return jaksim.compare(FIXED, MONITORED, **few).as_dict()
    if what == "sweep":
        state = jaksim.sweep(MONITORED, out=out / "swept", vary=["population.patients=80:120:2"], **few)
        return state.to_pandas().to_dict("records")
    if what == "predict":
        return jaksim.predict(MONITORED, draws=20, replicates=10, seed=11).as_dict()
    found = jaksim.simulate_trial(path, replicate=3, seed=11)
    return {name: column.tolist() for name, column in found.columns().items()}


def plain(value: Any) -> Any:
    """Values that are written alike on every machine."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items() if name not in LEFT}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return f"{value:.9g}" if math.isfinite(value) else str(value)
    return value


def digest(what: str, out: Path) -> str:
    text = json.dumps(plain(answer(what, out)), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize("what", RECORDED)
def test_answers_are_those_recorded(what, tmp_path):
    assert digest(what, tmp_path) == RECORDED[what]

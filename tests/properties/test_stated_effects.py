"""Whatever the scale, the disease and the statement: the large-sample twin finds what was stated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.scenario.scenario import scenario_of

METHODS = {
    "good": ("cox", "log_rank", "rmst_difference", "fine_gray"),
    "score": ("proportional_odds", "win_odds", "wilcoxon"),
    "bad": ("risk_ratio", "risk_difference_mh", "odds_ratio_mh"),
}
"""Methods by endpoint."""


def scale_text(k: int, higher_is_worse: bool) -> str:
    dead = k - 1 if higher_is_worse else 0
    best = [0, 1] if higher_is_worse else [k - 2, k - 1]
    statuses = "".join(f'[[status]]\nscore = {score}\nlabel = "status {score}"\n' for score in range(k))
    return (
        f'name = "random"\nhigher_is_worse = {str(higher_is_worse).lower()}\nabsorbing = [{dead}]\n{statuses}'
        f"[sets]\nbest = {best}\ndead = [{dead}]\n"
    )


def random_document(rng: np.random.Generator, folder) -> tuple[dict, str, float]:
    """A scenario with a stated effect, the name of its analysis, and the value on the scale of the method."""
    k, up = int(rng.integers(4, 8)), bool(rng.integers(2))
    (folder / "scale.toml").write_text(scale_text(k, up))
    to = (lambda rank: rank) if up else (lambda rank: k - 1 - rank)
    moves = [
        {"move": f"{to(rank)}>{to(rank - 1)}", "values": [float(rng.uniform(0.05, 0.3))]} for rank in range(1, k - 1)
    ]
    moves += [
        {"move": f"{to(rank)}>{to(rank + 1)}", "values": [float(rng.uniform(0.01, 0.1))]} for rank in range(k - 1)
    ]
    horizon = int(rng.integers(7, 30))
    endpoint = str(rng.choice(list(METHODS)))
    method = str(rng.choice(METHODS[endpoint]))
    value = float(rng.choice([0.8, 0.93, 1.1, 1.35]))
    stated = {"rmst_difference": value - 1.0, "risk_difference_mh": (value - 1.0) / 20.0, "wilcoxon": value / 2.0}
    given = stated.get(method, value)
    ratio = get_method(method).scale == "log_ratio"
    document = {
        "title": "random",
        "disease": {
            "scale": "scale.toml",
            "natural_history": {"move": moves, "source": "random"},
            "treatments": {"drug": {"effect": {"endpoint": endpoint, "method": method, "value": given}}},
        },
        "population": {
            "patients": 200,
            "stratum": [
                {"name": f"s{rank}", "baseline_score": to(rank), "weight": weight}
                for rank, weight in ((k - 3, 0.3), (k - 2, 0.7))
            ],
        },
        "follow_up": {"days": horizon, "day_of_randomisation": 0},
        "arm": [
            {"name": "control", "regimen": [], "reference": True, "allocation": int(rng.integers(1, 3))},
            {"name": "drug", "regimen": ["drug"]},
        ],
        "endpoint": [
            {"name": "good", "kind": "time_to_event", "set": "best"},
            {"name": "score", "kind": "score_on_day", "day": horizon},
            {"name": "bad", "kind": "event_by_day", "set": "dead"},
        ],
        "analysis": [{"name": "asked", "endpoint": endpoint, "method": method}],
    }
    return document, method, math.log(given) if ratio else given


@pytest.mark.parametrize("seed", range(8))
def test_the_twin_finds_what_was_stated(seed, tmp_path):
    document, method, value = random_document(np.random.default_rng(seed), tmp_path)
    scenario = scenario_of(document, str(tmp_path / "random.toml"))
    (plan,) = scenario.trial.analyses
    twin = large_sample(analysis_input(Cells(scenario.trial), plan, get_method(method)), 1e6)
    assert twin.estimate == pytest.approx(value, abs=1e-8)
    assert scenario.disease.stated["drug", 0].hazard_ratio != 1.0

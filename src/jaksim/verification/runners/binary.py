"""Score tests of two proportions: statistic, sample size, power."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from jaksim.formulas.binary_size import Statistic, exact_power, score_statistic
from jaksim.formulas.restricted_risks import log_odds_ratio_z
from jaksim.plan.kinds.risks import risks
from jaksim.verification.registry import NotCovered

SCALES = {
    "difference": "risk_difference",
    "risk ratio": "risk_ratio",
    "rr": "risk_ratio",
    "odds ratio": "odds_ratio",
    "or": "odds_ratio",
}


def binary_score_test_miettinen_nurminen(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """z for several values of the comparison."""
    return {
        "z": [
            [_statistic(part, delta)(part["x1"], part["n1"], part["x2"], part["n2"]) for delta in part["delta"]]
            for part in inputs["parts"]
        ]
    }


def binary_power_simulation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of the one-sided tests, exact where the source simulates."""
    return {
        "power": [
            exact_power(
                part["p1"], part["p2"], part["n1"], part["n2"], _statistic(part, part["delta0"]), alpha=part["alpha"]
            )
            for part in inputs["parts"]
        ]
    }


def binary_sample_size_farrington_manning(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients in each arm and in both."""
    if inputs["sided"] != 1:
        raise NotCovered("sizes of score tests are for one-sided tests")
    scale = SCALES[inputs["scale"]]
    null = _null(scale, inputs.get("delta0", 0.0))
    asked: dict[str, Any] = {"sides": 1, "alpha": inputs["alpha"], "power": 1.0 - inputs["beta"]}
    if null != (0.0 if scale == "risk_difference" else 1.0):
        worse = null < (0.0 if scale == "risk_difference" else 1.0)
        asked["hypothesis"] = "non_inferiority" if worse else "superiority"
        asked["margin"] = abs(null) if scale == "risk_difference" else null
    found = risks(
        control=inputs["p2"],
        active=inputs["p1"],
        scale=scale,
        better="higher",
        allocation=str(Fraction(1.0 / inputs.get("ratio", 1.0)).limit_denominator(100)),
        **asked,
    ).designs[0]
    active, reference = found.active, found.reference
    assert found.exact_size is not None
    assert active is not None
    assert reference is not None
    return {
        "n1": found.exact_size * active / found.size,
        "n2": found.exact_size * reference / found.size,
        "n_total": found.exact_size,
    }


binary_sample_size = binary_sample_size_farrington_manning


def _statistic(part: Mapping[str, Any], delta: float) -> Statistic:
    if part["scale"] == "lnor":
        return lambda x_1, n_1, x_0, n_0: log_odds_ratio_z(x_1, n_1, x_0, n_0, math.exp(delta))
    scale = SCALES[part["scale"]]
    return score_statistic(scale, _null(scale, delta), inflate=bool(part.get("adj", 0)))


def _null(scale: str, delta: float) -> float:
    """The sources give ratios as logarithms."""
    return delta if scale == "risk_difference" else math.exp(delta)

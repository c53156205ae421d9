"""Several arms against one control over several analyses."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

from jaksim.trial.adaptive.many_arms import constant_of, power_of_best
from jaksim.verification.registry import NotCovered


def mams_boundary(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds of a design with O'Brien-Fleming upper and fixed lower bounds, and its patients per arm by stage."""
    if inputs["J"] > 2:
        raise NotCovered("patients for more than two stages")
    if inputs["efficacy"] != "OBF" or not str(inputs["futility"]).startswith("fixed "):
        raise NotCovered("bounds other than O'Brien-Fleming with fixed futility")
    looks, arms = inputs["J"], inputs["K"]
    information = np.arange(1, looks + 1) / looks
    lower = np.full(looks - 1, float(str(inputs["futility"]).split()[1]))
    shape = 1.0 / np.sqrt(information)
    upper = constant_of(shape, lower, information, arms, 1.0, inputs["alpha"]) * shape
    better = [math.sqrt(2.0) * NormalDist().inv_cdf(inputs[p]) for p in ("p", "p0")]

    def lacks(n: int) -> bool:
        best, others = (effect * math.sqrt(0.5 * n * looks) for effect in better)
        return bool(power_of_best(upper, lower, information, (best, others), arms) < inputs["power"])

    enough = next(n for n in (2**power for power in itertools.count()) if not lacks(n))
    n = bisect.bisect_left(range(enough), True, lo=enough // 2, key=lambda n: not lacks(n))
    return {
        "upper": upper.tolist(),
        "lower": [*lower.tolist(), float(upper[-1])],
        "n_per_arm_by_stage": [n * stage for stage in range(1, looks + 1)],
    }

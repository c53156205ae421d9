"""Power and sample size of the proportional-odds model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jaksim.formulas.binary_size import two_proportions_power
from jaksim.formulas.ordinal_size import ordinal_power, ordinal_size


def ordinal_po_power_whitehead(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of two equal arms; of two categories also that of the test of two proportions."""
    shares, patients, odds_ratio = _probabilities(inputs["p"]), inputs["n"], inputs["odds_ratio"]
    answer = {"power": ordinal_power(shares, odds_ratio=odds_ratio, patients=patients, alpha=inputs["alpha"])}
    if len(shares) == 2:
        odds = odds_ratio * shares[1] / shares[0]
        half = patients / 2
        power = two_proportions_power(odds / (1 + odds), shares[1], half, half, alpha=inputs["alpha"])
        answer["binary_test_power_bpower"] = power
    return answer


def ordinal_po_sample_size_whitehead(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients of two equal arms together."""
    size = ordinal_size(inputs["p"], odds_ratio=inputs["odds_ratio"], power=inputs["power"], alpha=inputs["alpha"])
    return {"n_total": size}


def _probabilities(given: Any) -> list[float]:
    """Probabilities as listed, or from words such as "3600 categories of prob 1/4000 plus one of prob 0.1"."""
    if not isinstance(given, str):
        return [float(share) for share in given]
    count, top, bottom, last = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", given))
    return [top / bottom] * int(count) + [last]

"""Power and sample size of the proportional-odds model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jaksim.plan.kinds.ordinal import ordinal
from jaksim.plan.kinds.risks import risks


def ordinal_po_power_whitehead(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of two equal arms; of two categories also that of the test of two proportions."""
    shares, patients, odds_ratio = _probabilities(inputs["p"]), inputs["n"], inputs["odds_ratio"]
    asked = {"odds_ratio": odds_ratio, "patients": patients, "alpha": inputs["alpha"]}
    answer = {"power": ordinal(average=shares, **asked).designs[0].power}
    if len(shares) == 2:
        power = risks(control=shares[1], scale="risk_difference", **asked).designs[0].power
        answer["binary_test_power_bpower"] = power
    return answer


def ordinal_po_sample_size_whitehead(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients of two equal arms together."""
    asked = {name: inputs[name] for name in ("odds_ratio", "power", "alpha")}
    return {"n_total": ordinal(average=_probabilities(inputs["p"]), **asked).designs[0].exact_size}


def _probabilities(given: Any) -> list[float]:
    """Probabilities as listed, or from words such as "3600 categories of prob 1/4000 plus one of prob 0.1"."""
    if not isinstance(given, str):
        return [float(share) for share in given]
    count, top, bottom, last = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", given))
    return [top / bottom] * int(count) + [last]

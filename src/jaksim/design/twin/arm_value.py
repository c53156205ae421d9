"""What happens on average in one arm, computed exactly from the law of the endpoint."""

from __future__ import annotations

import numpy as np

from jaksim.design.sums.result import ArmValue
from jaksim.design.twin.analytic import AnalysisInput


def arm_value(given: AnalysisInput, arm: str, position: int) -> ArmValue:
    """The median or risk of an event, the mean score, or the mean number of days, over the strata that are analysed."""
    endpoint = given.endpoint
    sizes = given.cell_sizes(1.0)[position]
    law = sizes @ given.laws[position] / sizes.sum()
    described = endpoint.summary(law)
    if endpoint.kind == "time_to_event":
        median, risk = described["median_day"], described["probability"]
        reached = f"median day {median}" if median is not None else "median not reached"
        return ArmValue(arm, "probability", risk, f"{100.0 * risk:.1f} %, {reached}")
    if endpoint.kind == "binary":
        risk = described["probability"]
        return ArmValue(arm, "probability", risk, _or_unknown(risk, f"{100.0 * (risk or 0.0):.1f} %"))
    if endpoint.kind == "day_count":
        mean = described["mean"]
        text = f"mean {mean or 0.0:.1f} days" if endpoint.unit == "days" else f"mean {mean or 0.0:.2f}"
        return ArmValue(arm, f"mean {endpoint.unit}", mean, _or_unknown(mean, text))
    known = endpoint.rank >= 0
    weight = law[known].sum()
    mean = float(np.dot(law[known], endpoint.value[known]) / weight) if weight > 0.0 else None
    return ArmValue(arm, f"mean {endpoint.unit}", mean, _or_unknown(mean, f"mean {endpoint.unit} {mean or 0.0:.2f}"))


def _or_unknown(value: float | None, text: str) -> str:
    return "not known" if value is None else text

"""Counts of days, and other numbers whose mean is compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CategoryMeanings, Kind, Measured
from jaksim.endpoint.one_value import OF_A_VALUE, columns_of_values, mean_words, values_of
from jaksim.endpoint.summary import known_categories, or_unknown


def summary(endpoint: CategoryMeanings, weights: Floats) -> dict[str, Any]:
    """Mean and standard deviation in days, and probability of each count."""
    known = known_categories(endpoint, weights)
    probabilities = known.probabilities
    if probabilities is None:
        return {"known": known.share, "mean": None, "sd": None, "probabilities": None}
    mean = float(probabilities @ known.value)
    return {
        "known": known.share,
        "mean": mean,
        "sd": float(np.sqrt(probabilities @ (known.value - mean) ** 2)),
        "probabilities": known.by_label(probabilities),
    }


def arm_value(endpoint: Measured, law: Floats, said: Mapping[str, Any]) -> tuple[float | None, str]:
    """The mean number of days, or mean value."""
    mean = said["mean"]
    text = f"mean {mean or 0.0:.1f} days" if endpoint.unit == "days" else f"mean {mean or 0.0:.2f}"
    return mean, or_unknown(mean, text)


def tally(endpoint: CategoryMeanings, counts: Floats) -> dict[str, Any]:
    """Mean and standard deviation of the patients."""
    known = endpoint.rank >= 0
    counts, values = counts[known], endpoint.value[known]
    n = counts.sum()
    mean = float(counts @ values / n) if n else math.nan
    with np.errstate(over="ignore", invalid="ignore"):  # squares of numbers that are meant as codes
        spread = math.sqrt(float(counts @ (values - mean) ** 2) / (n - 1)) if n > 1 else math.nan
    return {"mean": mean, "sd": spread}


KIND = Kind(
    name="day_count",
    colour="#cc79a7",
    unit="days",
    summary=summary,
    measure=mean_words,
    scores=values_of,
    arm_value=arm_value,
    tally=tally,
    columns=columns_of_values,
    strategies=OF_A_VALUE,
    told_by="value",
    usual="higher value",
    column="days",
    better={"higher": "higher value", "lower": "lower value"},
    ends_days=True,
)

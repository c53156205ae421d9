"""All daily scores of a patient, each given the day before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jaksim.arrays import Floats
from jaksim.endpoint.kind import IGNORE, CategoryMeanings, Kind, Measured
from jaksim.endpoint.summary import known_categories, mean_of_known, or_unknown

STRATEGIES = {
    "withdrawal": {"while observed": IGNORE},
    "treatment_stop": {"treatment policy": IGNORE},
    "missed_visit": {},
}


def summary(endpoint: CategoryMeanings, weights: Floats) -> dict[str, Any]:
    """Mean of the daily scores."""
    known = known_categories(endpoint, weights)
    total = known.weights.sum()
    return {"known": known.share, "mean_score": float(known.weights @ known.value / total) if total else None}


def arm_value(endpoint: Measured, law: Floats, said: Mapping[str, Any]) -> tuple[float | None, str]:
    """The mean score of a day."""
    mean = mean_of_known(endpoint, law)
    return mean, or_unknown(mean, f"mean {endpoint.unit} {mean or 0.0:.2f}")


def tally(endpoint: CategoryMeanings, counts: Floats) -> dict[str, Any]:
    """Days of patients, and their mean score."""
    known = endpoint.rank >= 0
    counts, values = counts[known], endpoint.value[known]
    n = counts.sum()
    return {"patient_days": int(n), "mean_score": float(counts @ values / n) if n else math.nan}


KIND = Kind(
    name="longitudinal",
    colour="#e69f00",
    unit="score",
    summary=summary,
    measure=lambda endpoint: f"mean {endpoint.unit}",
    scores=lambda endpoint: endpoint.value,
    arm_value=arm_value,
    tally=tally,
    columns=lambda endpoint, categories: {},  # the daily scores have columns of their own
    strategies=STRATEGIES,
    told_by="transitions",
    usual="lower rank",
)

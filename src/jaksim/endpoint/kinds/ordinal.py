"""Ordered categories, such as a score on a day or a rank in a hierarchy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CategoryMeanings, Kind, Measured
from jaksim.endpoint.one_value import OF_A_VALUE, columns_of_values, mean_words, values_of
from jaksim.endpoint.summary import known_categories, mean_of_known, or_unknown

MOST_LISTED: Final = 30
"""Categories whose patients are listed one by one."""


def summary(endpoint: CategoryMeanings, weights: Floats) -> dict[str, Any]:
    """Probability of each category and mean rank (0 = best)."""
    known = known_categories(endpoint, weights)
    probabilities = known.probabilities
    if probabilities is None:
        return {"known": known.share, "probabilities": None, "mean_rank": None}
    return {
        "known": known.share,
        "probabilities": known.by_label(probabilities),
        "mean_rank": float(probabilities @ known.rank),
    }


def arm_value(endpoint: Measured, law: Floats, said: Mapping[str, Any]) -> tuple[float | None, str]:
    """The mean score."""
    mean = mean_of_known(endpoint, law)
    return mean, or_unknown(mean, f"mean {endpoint.unit} {mean or 0.0:.2f}")


def tally(endpoint: CategoryMeanings, counts: Floats) -> dict[str, Any]:
    """Patients in each category, or the median of many categories."""
    known = endpoint.rank >= 0
    counts, values = counts[known], endpoint.value[known]
    labels = [label for label, use in zip(endpoint.labels, known, strict=True) if use]
    if len(labels) > MOST_LISTED:
        return {"median": _median(values, counts) if counts.sum() else math.nan}
    return {"counts": dict(zip(labels, counts.astype(int).tolist(), strict=True))}


def _median(values: Floats, counts: Floats) -> float:
    """The middle one of values (K,) that occur `counts` (K,) times, between the two middle ones of an even number."""
    order = np.argsort(values)
    reached, n = counts[order].cumsum(), counts.sum()
    low, high = (values[order][np.searchsorted(reached, rank)] for rank in (math.ceil(n / 2), math.floor(n / 2) + 1))
    return float(low + high) / 2.0


KIND = Kind(
    name="ordinal",
    colour="#d55e00",
    unit="score",
    summary=summary,
    measure=mean_words,
    scores=values_of,
    arm_value=arm_value,
    tally=tally,
    columns=columns_of_values,
    strategies=OF_A_VALUE,
    told_by="rank",
    usual="lower rank",
    column="score",
    better={"lower": "lower rank", "higher": "lower rank"},
)

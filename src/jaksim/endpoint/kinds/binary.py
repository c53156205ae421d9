"""Whether an event came or not, each patient followed to the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CategoryMeanings, Kind, Measured
from jaksim.endpoint.one_value import OF_A_VALUE, value_column
from jaksim.endpoint.summary import known_categories, or_unknown


def summary(endpoint: CategoryMeanings, weights: Floats) -> dict[str, Any]:
    """Probability of the event."""
    known = known_categories(endpoint, weights)
    total = known.weights.sum()
    return {"known": known.share, "probability": float(known.weights @ known.value / total) if total else None}


def arm_value(endpoint: Measured, law: Floats, said: Mapping[str, Any]) -> tuple[float | None, str]:
    """The risk of the event."""
    risk = said["probability"]
    return risk, or_unknown(risk, f"{100.0 * (risk or 0.0):.1f} %")


def tally(endpoint: CategoryMeanings, counts: Floats) -> dict[str, Any]:
    """Patients with the event, and their share."""
    known = endpoint.rank >= 0
    counts, status = counts[known], endpoint.status[known]
    n, events = counts.sum(), int(counts[status == 1].sum())
    return {"events": events, "proportion": events / n if n else np.nan}


def columns(endpoint: Measured, categories: Any) -> dict[str, NDArray[Any]]:
    """1 for the event, 0 for none."""
    return {"event": value_column(endpoint, categories)}


KIND = Kind(
    name="binary",
    colour="#009e73",
    unit="days",
    summary=summary,
    measure=lambda endpoint: "probability",
    scores=lambda endpoint: endpoint.value,
    arm_value=arm_value,
    tally=tally,
    columns=columns,
    strategies=OF_A_VALUE,
    told_by="event",
    usual="no event",
    column="event",
    better={"no event": "no event", "event": "event"},
    has_event=True,
)

"""What a report says of the law of an endpoint, by kind of endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jaksim.arrays import Floats, Integers


def cumulative_incidence(weights: Floats, time: Floats, status: Integers) -> Floats:
    """Aalen-Johansen cumulative incidence of the event on days 0..last from the weights (K,) of the categories.

    `time` (K,) in days, `status` 0 censored, 1 event, 2 competing. Without censoring before the last day this is the
    plain share of patients with an event.
    """
    last = int(time.max())
    day = time.astype(np.int64)

    def at(code: int) -> Floats:
        use = status == code
        return np.asarray(np.bincount(day[use], weights=weights[use], minlength=last + 1), dtype=np.float64)

    events, competing, censored = at(1), at(2), at(0)
    leaving = events + competing + censored
    at_risk = leaving[::-1].cumsum()[::-1]
    share = np.divide(1.0, at_risk, out=np.zeros(last + 1), where=at_risk > 0)
    kept = np.cumprod(1.0 - (events + competing) * share)
    before = np.concatenate([[1.0], kept[:-1]])
    return np.asarray(np.cumsum(before * events * share))


def median_time(incidence: Floats, level: float = 0.5) -> tuple[int | None, float | None]:
    """First day with cumulative incidence of at least `level`, and that day interpolated; None if never."""
    reached = np.flatnonzero(incidence >= level - 1e-12)
    if not len(reached):
        return None, None
    day = int(reached[0])
    if day == 0:
        return 0, 0.0
    rise = incidence[day] - incidence[day - 1]
    return day, float(day - 1 + (level - incidence[day - 1]) / rise)


def time_to_event(weights: Floats, time: Floats, status: Integers) -> dict[str, Any]:
    """Probability of the event by the last day, median (first day, and interpolated) and daily cumulative incidence."""
    incidence = cumulative_incidence(weights, time, status)
    day, interpolated = median_time(incidence)
    return {
        "probability": float(incidence[-1]),
        "median_day": day,
        "median": interpolated,
        "cumulative_incidence": incidence.tolist(),
    }


def ordinal(weights: Floats, labels: Sequence[str], rank: Integers, value: Floats) -> dict[str, Any]:
    """Probability of each category and mean rank (0 = best)."""
    if not weights.sum():
        return {"probabilities": None, "mean_rank": None}
    probabilities = weights / weights.sum()
    return {
        "probabilities": dict(zip(labels, probabilities.tolist(), strict=True)),
        "mean_rank": float(probabilities @ rank),
    }


def binary(weights: Floats, labels: Sequence[str], rank: Integers, value: Floats) -> dict[str, Any]:
    """Probability of the event."""
    return {"probability": float(weights @ value / weights.sum()) if weights.sum() else None}


def day_count(weights: Floats, labels: Sequence[str], rank: Integers, value: Floats) -> dict[str, Any]:
    """Mean and standard deviation in days, and probability of each count."""
    if not weights.sum():
        return {"mean": None, "sd": None, "probabilities": None}
    probabilities = weights / weights.sum()
    mean = float(probabilities @ value)
    return {
        "mean": mean,
        "sd": float(np.sqrt(probabilities @ (value - mean) ** 2)),
        "probabilities": dict(zip(labels, probabilities.tolist(), strict=True)),
    }


def longitudinal(weights: Floats, labels: Sequence[str], rank: Integers, value: Floats) -> dict[str, Any]:
    """Mean of the daily scores."""
    return {"mean_score": float(weights @ value / weights.sum()) if weights.sum() else None}


DESCRIPTIONS: Mapping[str, Callable[[Floats, Sequence[str], Integers, Floats], dict[str, Any]]] = {
    "ordinal": ordinal,
    "binary": binary,
    "day_count": day_count,
    "longitudinal": longitudinal,
}

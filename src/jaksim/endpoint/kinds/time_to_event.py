"""Times to an event, censored where it was not seen to come; other events may compete with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.endpoint.kind import CARRY, CENSOR, COMPETING, FAILURE, IGNORE, CategoryMeanings, Kind, Measured
from jaksim.endpoint.summary import cumulative_incidence, median_time

STRATEGIES = {
    "withdrawal": {
        "censor": CENSOR,
        "hypothetical": IGNORE,
        "composite": FAILURE,
        "worst case": FAILURE,
        "while observed": COMPETING,
        "carry forward": CARRY,
    },
    "treatment_stop": {
        "treatment policy": IGNORE,
        "hypothetical": IGNORE,
        "censor": CENSOR,
        "composite": FAILURE,
        "worst case": FAILURE,
        "while on treatment": COMPETING,
    },
    "missed_visit": {},
}


def summary(endpoint: CategoryMeanings, weights: Floats) -> dict[str, Any]:
    """Probability of the event by the last day, median (first day, and interpolated) and daily cumulative incidence."""
    incidence = cumulative_incidence(weights, endpoint.time, endpoint.status)
    day, interpolated = median_time(incidence)
    return {
        "probability": float(incidence[-1]),
        "median_day": day,
        "median": interpolated,
        "cumulative_incidence": incidence.tolist(),
    }


def arm_value(endpoint: Measured, law: Floats, said: Mapping[str, Any]) -> tuple[float | None, str]:
    """The risk of the event by the last day, and the median."""
    median, risk = said["median_day"], said["probability"]
    reached = f"median day {median}" if median is not None else "median not reached"
    return risk, f"{100.0 * risk:.1f} %, {reached}"


def tally(endpoint: CategoryMeanings, counts: Floats) -> dict[str, Any]:
    """Patients with the event, and with a competing one."""
    events, competing = (int(counts[endpoint.status == code].sum()) for code in (1, 2))
    return {"events": events, "competing": competing}


def columns(endpoint: Measured, categories: Any) -> dict[str, NDArray[Any]]:
    """Time and status of each patient."""
    return {"time": endpoint.time[categories].astype(int), "status": endpoint.status[categories]}


KIND = Kind(
    name="time_to_event",
    colour="#0072b2",
    unit="days",
    summary=summary,
    measure=lambda endpoint: "probability",
    scores=lambda endpoint: np.asarray(endpoint.status == 1, dtype=np.float64),
    arm_value=arm_value,
    tally=tally,
    columns=columns,
    strategies=STRATEGIES,
    told_by="time",
    usual="no event",
    column="time",
    better={"no event": "no event", "event": "event"},
    timed=True,
    has_event=True,
)

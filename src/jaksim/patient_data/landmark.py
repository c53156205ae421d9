"""The day that a comparison of curves is made on, and what the curve of each arm says there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.method import Method
from jaksim.analysis.survival.days import CENSORED, POOLED, by_day, chosen_day
from jaksim.analysis.survival.kaplan_meier import StepFunction, cumulative_incidence, kaplan_meier
from jaksim.patient_data.from_data import TrialData


@dataclass(frozen=True)
class ArmAtDay:
    """Probability of the event in an arm, all its strata together; interval on the log-log scale."""

    arm: str
    probability: float
    se: float
    ci: tuple[float, float]


@dataclass(frozen=True)
class Landmark:
    """The day of a comparison, counted from randomisation; `arms` is empty for restricted means."""

    day: float
    arms: tuple[ArmAtDay, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name."""
        arms = [{"arm": a.arm, "probability": a.probability, "se": a.se, "ci": list(a.ci)} for a in self.arms]
        return {"day": self.day, **({"by_arm": arms} if arms else {})}


def landmark(method: Method, data: TrialData, options: Mapping[str, Any], level: float) -> Landmark | None:
    """The landmark of a method that compares curves at a day, or areas up to one; None for other methods.

    Without a day in the options it is the last one on which all arms (and strata, unless pooled) are followed.
    """
    of = method.landmark
    if of is None:
        return None
    day = chosen_day(options, of.option, data.endpoint.time)
    if math.isnan(day):
        day = _followed(data, competing=of.competing, pooled=options.get("strata") == POOLED)
    if not of.curves:
        return Landmark(day)
    arms = zip((data.arms.reference, data.arms.active), data.at_risk.by_arm, strict=True)
    return Landmark(day, tuple(_at(of.competing, arm, counts, data, day, level) for arm, counts in arms))


def _followed(data: TrialData, *, competing: bool, pooled: bool) -> float:
    """The earliest day on which an arm (in a stratum) has its last patient, if that one left without the event."""
    endpoint = data.at_risk.endpoint
    days, position, status = by_day(endpoint.time, endpoint.status, competing=competing)
    parts = data.at_risk.by_arm[:, np.newaxis] if pooled else data.at_risk.table
    together = parts[:, parts.sum(axis=-1).all(axis=0)].reshape(-1, parts.shape[-1])
    followed = [days[-1]]
    for counts in together:
        present = (counts > 0.0) & (position >= 0)
        last = position[present].max()
        if counts[present & (position == last) & (status == CENSORED)].any():
            followed.append(days[last])
    return float(min(followed))


def _at(competing: bool, arm: str, counts: NDArray[np.float64], data: TrialData, day: float, level: float) -> ArmAtDay:
    time, status = data.at_risk.endpoint.time, data.at_risk.endpoint.status
    curve: StepFunction
    if competing:
        curve = cumulative_incidence(counts, time, status, interval="log_log", level=level)
        probability, low, high = curve.probability, curve.low, curve.high
    else:
        curve = kaplan_meier(counts, time, status, level=level)
        probability, low, high = 1.0 - curve.probability, 1.0 - curve.high, 1.0 - curve.low
    place = int(np.searchsorted(curve.time, day, side="right")) - 1
    if place < 0:
        return ArmAtDay(arm, 0.0, 0.0, (math.nan, math.nan))
    values = (float(series[place]) for series in (probability, curve.se, low, high))
    estimate, error, lower, upper = values
    return ArmAtDay(arm, estimate, error, (lower, upper))

"""Expected accrual and events over calendar time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from jaksim import plan
from jaksim.piecewise import PiecewiseConstant


def constant(value: float) -> PiecewiseConstant:
    """A rate that never changes."""
    return PiecewiseConstant((), (float(value),))


def uniform_accrual(patients: float, duration: float) -> PiecewiseConstant:
    """Accrual of so many patients at one rate, then none."""
    return PiecewiseConstant((float(duration),), (patients / duration, 0.0))


def rate_of_median(median: float) -> PiecewiseConstant:
    """The constant rate with this median."""
    return constant(math.log(2.0) / median)


def expected_events(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events of two arms with exponential times, losses and uniform accrual over six months."""
    asked = {
        "control_median": inputs["control_median"],
        "active_median": inputs["active_median"],
        "accrual": 6.0,
        "dropout_hazard": [math.log(2.0) / inputs["loss_median"]],
        "patients": 2 * inputs["n_per_arm"],
    }
    seen = [plan.survival(**asked, follow_up=end - 6.0).designs[0].facts["events"] for end in (18.0, 23.75)]
    return {"expected_events_at_18": seen[0], "events_at_that_duration": seen[1]}


def expected_events_piecewise(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events by the piece of the hazard that they fall into; the arms are alike."""
    lengths, rates = inputs["enroll_duration"], inputs["enroll_rate"]
    cut, total = float(inputs["fail_duration"][0]), float(inputs["total_duration"])
    entering = [(length, rate) for length, rate in zip(lengths, rates, strict=True) if rate > 0.0]
    accrual = sum(length for length, _ in entering)
    patients = sum(length * rate for length, rate in entering)

    def seen(hazard: list[float]) -> float:
        (found,) = plan.survival(
            control_hazard=hazard,
            hazard_ratio=1.0,
            cuts=[cut],
            accrual=accrual,
            accrual_rates=[rate for _, rate in entering],
            accrual_cuts=list(accumulate(length for length, _ in entering))[:-1],
            follow_up=total - accrual,
            dropout_hazard=inputs["dropout_rate"],
            dropout_cuts=[cut],
            patients=patients,
        ).designs
        return float(found.facts["events"])

    early = seen([inputs["fail_rate"][0], 0.0])
    return {"events_by_interval": [early, seen(inputs["fail_rate"]) - early]}


def expected_accrual(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients entered by each time, in units of the rate."""
    accrual = uniform_accrual(inputs["rate_per_stratum"] * inputs["duration"], inputs["duration"])
    rate = inputs["rate_per_stratum"]
    return {"multiplier": [float(accrual.integral(0.0, time)) / rate for time in inputs["times"]]}

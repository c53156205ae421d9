"""Expected accrual and events over calendar time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from itertools import accumulate
from typing import Any

from jaksim.formulas.event_times import event_probability
from jaksim.formulas.event_times import expected_events as events_by
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
    accrual, loss = uniform_accrual(inputs["n_per_arm"], 6.0), rate_of_median(inputs["loss_median"])
    hazards = [rate_of_median(inputs[f"{arm}_median"]) for arm in ("control", "active")]

    def both(time: float) -> float:
        return sum(events_by(accrual, partial(event_probability, hazard, loss), time) for hazard in hazards)

    return {"expected_events_at_18": both(18.0), "events_at_that_duration": both(23.75)}


def expected_events_piecewise(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events by the piece of the hazard that they fall into."""
    accrual = _steps(inputs["enroll_duration"], [*inputs["enroll_rate"], 0.0])
    cut = float(inputs["fail_duration"][0])
    hazard = PiecewiseConstant((cut,), tuple(inputs["fail_rate"]))
    dropout = PiecewiseConstant((cut,), tuple(inputs["dropout_rate"]))
    total = float(inputs["total_duration"])
    everything = events_by(accrual, lambda t: event_probability(hazard, dropout, t), total, bends=(cut,))
    early = events_by(accrual, lambda t: event_probability(hazard, dropout, min(t, cut)), total, bends=(cut,))
    return {"events_by_interval": [early, everything - early]}


def expected_accrual(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients entered by each time, in units of the rate."""
    accrual = uniform_accrual(inputs["rate_per_stratum"] * inputs["duration"], inputs["duration"])
    rate = inputs["rate_per_stratum"]
    return {"multiplier": [float(accrual.integral(0.0, time)) / rate for time in inputs["times"]]}


def _steps(durations: list[float], values: list[float]) -> PiecewiseConstant:
    return PiecewiseConstant(tuple(map(float, accumulate(durations))), tuple(map(float, values)))

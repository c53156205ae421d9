"""Events, patients, power and timing of the log-rank test without interim looks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jaksim.formulas.event_times import event_probability, expected_events, time_of_events
from jaksim.formulas.log_rank_size import critical_hazard_ratio, log_rank_power, schoenfeld_events
from jaksim.verification.runners.events import constant, rate_of_median, uniform_accrual
from jaksim.verification.runners.followed_arms import optimal_allocation
from jaksim.verification.runners.group_sequential_log_rank import logrank_with_design

Probability = Callable[[float], float]


def logrank_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schoenfeld's events and the patients that give them, exponential times, uniform accrual."""
    if "parts" in inputs:
        return _solved_designs(inputs["parts"])
    if "design" in inputs:
        return logrank_with_design(inputs)
    arms = [_exponential(rate_of_median(inputs[f"median{arm}"])) for arm in (1, 2)]
    return _sized(inputs["median2"] / inputs["median1"], arms, inputs)


def logrank_sample_size_weibull(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with Weibull times, survival exp(-(rate t)**kappa)."""
    kappa, rates = inputs["kappa"], (inputs["lambda1"], inputs["lambda2"])

    def seen(rate: float) -> Probability:
        return lambda time: 1.0 - math.exp(-((rate * time) ** kappa))

    medians = {f"median{arm}": math.log(2.0) ** (1.0 / kappa) / rate for arm, rate in enumerate(rates, 1)}
    return {**medians, **_sized((rates[0] / rates[1]) ** kappa, [seen(rate) for rate in rates], inputs)}


def logrank_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power with so many events against a two-proportion alternative, and when they are expected."""
    if "accrual_shares" in inputs:
        return optimal_allocation(inputs)
    if "at_month" in inputs:
        time, power, _ = _of_proportions(inputs["pi2"], inputs["pi1"], inputs["at_month"], inputs, "accrual_duration")
        return {"time_of_40_events": time, "schoenfeld_power": power}
    found = [_of_proportions(pi, inputs["pi2"], inputs["event_time"], inputs, "accrual_time") for pi in inputs["pi1"]]
    return {
        "hazard_ratio": [ratio for _, _, ratio in found],
        "power": [power for _, power, _ in found],
        "analysis_time": [time for time, _, _ in found],
        "follow_up": [time - inputs["accrual_time"] for time, _, _ in found],
        "critical_hr": 1.0 / critical_hazard_ratio(inputs["max_events"], alpha=inputs["alpha"]),
    }


def _of_proportions(
    active: float, reference: float, at: float, inputs: Mapping[str, Any], duration: str
) -> tuple[float, float, float]:
    """Time of the planned events, power, hazard ratio, for proportions with the event at a time."""
    rates = [-math.log(1.0 - share) / at for share in (active, reference)]
    events = inputs.get("max_events", inputs.get("events"))
    accrual = uniform_accrual(inputs["n"] / 2, inputs[duration])
    arms = [_exponential(constant(rate)) for rate in rates]
    time = time_of_events(events, lambda t: sum(expected_events(accrual, arm, t) for arm in arms))
    ratio = rates[0] / rates[1]
    return time, log_rank_power(events, ratio, alpha=inputs["alpha"]), ratio


def _sized(ratio: float, arms: list[Probability], inputs: Mapping[str, Any]) -> dict[str, float]:
    events = schoenfeld_events(ratio, power=1.0 - inputs["beta"], alpha=inputs["alpha"], sides=inputs["sided"])
    share = _seen(arms, inputs["accrual_time"], inputs["follow_up"])
    critical = critical_hazard_ratio(events, alpha=inputs["alpha"], sides=inputs["sided"])
    return {"hazard_ratio": ratio, "events": events, "n": events / share, "critical_hr": critical}


def _seen(arms: list[Probability], accrual_time: float, follow_up: float) -> float:
    """Share of patients with an event at the end, arms of equal size, uniform accrual."""
    accrual, end = uniform_accrual(1.0 / len(arms), accrual_time), accrual_time + follow_up
    return sum(expected_events(accrual, arm, end) for arm in arms)


def _solved_designs(parts: list[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Designs of gsDesign's nSurv, one-sided 0.025, power 0.9; a rate or a duration of accrual is what is sought."""
    events, patients = [], []
    for part in parts:
        needed = schoenfeld_events(part["hr"], power=0.9, alpha=0.025)
        arms = [_exponential(constant(part["lambdaC"] * ratio)) for ratio in (1.0, part["hr"])]
        if part["solve"] == "accrual rate":
            n = needed / _seen(arms, part["T"] - part["minfup"], part["minfup"])
        elif part["solve"] == "accrual duration":
            follow_up = part["minfup"]

            def expected(duration: float, arms: list[Probability], rate: float, follow_up: float) -> float:
                return duration * rate * _seen(arms, duration, follow_up) if duration > 0.0 else 0.0

            n = part["gamma"] * time_of_events(
                needed, partial(expected, arms=arms, rate=part["gamma"], follow_up=follow_up)
            )
        else:
            n = part["gamma"] * part["R"]
        events.append(needed)
        patients.append(n)
    return {"sas_events": events, "sas_n": patients}


def _exponential(hazard: Any) -> Probability:
    return lambda time: event_probability(hazard, constant(0.0), time)

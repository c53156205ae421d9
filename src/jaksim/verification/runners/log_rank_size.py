"""Events, patients, power and timing of the log-rank test without interim looks, as `jaksim.plan` answers them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jaksim import plan
from jaksim.plan.answer import PlannedDesign
from jaksim.verification.runners.followed_arms import optimal_allocation
from jaksim.verification.runners.group_sequential_log_rank import logrank_with_design


def logrank_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schoenfeld's events and the patients that give them, exponential times, uniform accrual."""
    if "parts" in inputs:
        return _solved_designs(inputs["parts"])
    if "design" in inputs:
        return logrank_with_design(inputs)
    return _sized(inputs, control_median=inputs["median2"], active_median=inputs["median1"])


def logrank_sample_size_weibull(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with Weibull times, survival exp(-(rate t)**kappa)."""
    kappa, rates = inputs["kappa"], (inputs["lambda1"], inputs["lambda2"])
    medians = [math.log(2.0) ** (1.0 / kappa) / rate for rate in rates]
    found = _sized(inputs, control_median=medians[1], active_median=medians[0], shape=kappa)
    return {"median1": medians[0], "median2": medians[1], **found}


def logrank_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power with so many events against a two-proportion alternative, and when they are expected."""
    if "accrual_shares" in inputs:
        return optimal_allocation(inputs)
    if "at_month" in inputs:
        found = _of_proportions(inputs["pi2"], inputs["pi1"], inputs["at_month"], inputs, "accrual_duration")
        return {"time_of_40_events": found.facts["analysis_time"], "schoenfeld_power": found.power}
    designs = [_of_proportions(pi, inputs["pi2"], inputs["event_time"], inputs, "accrual_time") for pi in inputs["pi1"]]
    return {
        "hazard_ratio": [design.effect for design in designs],
        "power": [design.power for design in designs],
        "analysis_time": [design.facts["analysis_time"] for design in designs],
        "follow_up": [design.facts["follow_up_time"] for design in designs],
        "critical_hr": designs[0].facts["critical_hazard_ratio"],
    }


def _of_proportions(
    active: float, reference: float, at: float, inputs: Mapping[str, Any], duration: str
) -> PlannedDesign:
    """Proportions with the event at a time; the source counts a higher hazard of its first arm as what is shown."""
    better = "lower" if active < reference else "higher"
    (found,) = plan.survival(
        control_survival=1.0 - reference,
        active_survival=1.0 - active,
        at=at,
        better=better,
        events=inputs.get("max_events", inputs.get("events")),
        patients=inputs["n"],
        accrual=inputs[duration],
        alpha=inputs["alpha"],
        sides=1,
    ).designs
    return found


def _sized(inputs: Mapping[str, Any], **arms: float) -> dict[str, Any]:
    (found,) = plan.survival(
        **arms,
        power=1.0 - inputs["beta"],
        alpha=inputs["alpha"],
        sides=inputs["sided"],
        accrual=inputs["accrual_time"],
        follow_up=inputs["follow_up"],
    ).designs
    return {
        "hazard_ratio": found.effect,
        "events": found.exact_facts["events"],
        "n": found.exact_size,
        "critical_hr": found.exact_facts["critical_hazard_ratio"],
    }


def _solved_designs(parts: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Designs of gsDesign's nSurv, one-sided 0.025, power 0.9; a rate or a duration of accrual is what is sought."""
    events, patients = [], []
    for part in parts:
        asked = {
            "control_hazard": [part["lambdaC"]],
            "hazard_ratio": part["hr"],
            "power": 0.9,
            "alpha": 0.025,
            "sides": 1,
        }
        if part["solve"] == "accrual rate":
            asked |= {"accrual": part["T"] - part["minfup"], "follow_up": part["minfup"]}
        elif part["solve"] == "accrual duration":
            asked |= {"accrual_rates": [part["gamma"]], "follow_up": part["minfup"]}
        else:
            asked |= {"accrual_rates": [part["gamma"]], "accrual": part["R"]}
        (found,) = plan.survival(**asked).designs
        by_events = part["solve"] == "follow-up duration"
        events.append(found.exact_size if by_events else found.exact_facts["events"])
        patients.append(found.facts["patients"] if by_events else found.exact_size)
    return {"sas_events": events, "sas_n": patients}

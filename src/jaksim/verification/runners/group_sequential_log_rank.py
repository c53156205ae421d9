"""Events, patients and calendar of group-sequential log-rank tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.event_times import event_probability, expected_events, time_of_events
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.integration import crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import HwangShihDeCani, ObrienFleming, Power
from jaksim.verification.runners.events import constant, rate_of_median, uniform_accrual
from jaksim.verification.runners.group_sequential import design_of

Probability = Callable[[float], float]


@dataclass(frozen=True)
class Sized:
    """A design with its events, and the calendar when patients enter evenly for `duration` months."""

    design: Boundaries
    events: float
    n: float
    duration: float
    times: Floats

    @property
    def patients(self) -> Floats:
        """Patients entered by each analysis."""
        return np.asarray(self.n * np.minimum(self.times / self.duration, 1.0))

    def expected(self, values: Floats) -> float:
        """Expectation over the analysis at which the trial stops, under the planned effect."""
        stops = stopping(self.design)
        return float(stops[:-1] @ values[:-1] + (1.0 - stops[:-1].sum()) * values[-1])


def logrank_with_design(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A design for two proportions with the event at a time, with or without a calendar."""
    design = design_of(inputs["design"])
    ratio, share = inputs["allocation_ratio"], inputs["allocation_ratio"] / (1.0 + inputs["allocation_ratio"])
    hazards = [constant(-math.log(1.0 - inputs[f"pi{arm}"]) / inputs["event_time"]) for arm in (1, 2)]
    hazard_ratio = hazards[0](0.0) / hazards[1](0.0)
    # With equal arms Hsieh's version is Freedman's.
    spread = math.log(hazard_ratio) if inputs["method"] == "Schoenfeld" else None
    unit = spread if spread is not None else (hazard_ratio - 1.0) / (1.0 + ratio * hazard_ratio) * (1.0 + ratio)
    events = design.drift**2 / (share * (1.0 - share) * unit**2)
    stages = events * design.information
    answers: dict[str, Any] = {
        "events": events,
        "events_per_stage": stages,
        "expected_events_h1": events * float(design.expected_information([design.drift])[0]),
    }
    above = critical_ratio(design.upper_z, stages, share)
    if design.plan.sides == 2:
        answers |= {"critical_hr_upper": above, "critical_hr_lower": 1.0 / above}
        answers["reject_per_stage"] = design.crossing([design.drift]).upper[0]
    else:
        answers["critical_hr"] = above
    if "accrual_time" not in inputs:
        return {**answers, "n": events / (share * inputs["pi1"] + (1.0 - share) * inputs["pi2"])}
    sized = calendar(design, events, [seen(hazard) for hazard in hazards], share, inputs)
    return {
        **answers,
        "n": sized.n,
        "analysis_time": sized.times,
        "study_duration": sized.expected(sized.times),
        "subjects_per_stage": sized.patients,
        "expected_n_h1": sized.expected(sized.patients),
    }


def logrank_sample_size_piecewise(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Piecewise exponential times and several hazard ratios."""
    design = design_of(inputs["design"])
    control = PiecewiseConstant(tuple(map(float, inputs["piecewise_start"][1:])), tuple(inputs["lambda2"]))
    found = [
        calendar(
            design,
            design.drift**2 / (0.25 * math.log(ratio) ** 2),
            [seen(control * ratio), seen(control)],
            0.5,
            inputs,
        )
        for ratio in inputs["hazard_ratio"]
    ]
    critical = [critical_ratio(design.upper_z, plan.events * design.information, 0.5) for plan in found]
    return {
        "n": [plan.n for plan in found],
        "events": [plan.events for plan in found],
        "analysis_time_stage1": [plan.times[0] for plan in found],
        "study_duration": [plan.expected(plan.times) for plan in found],
        "expected_events_h1": [plan.expected(plan.events * design.information) for plan in found],
        "reject_per_stage": design.crossing([design.drift]).upper[0],
        "critical_hr_stage1": [ratios[0] for ratios in critical],
        "critical_hr_stage2": [ratios[1] for ratios in critical],
    }


def gsd_logrank_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Designs of SAS and East: bounds, events, calendar and patients."""
    if "lambdaC" in inputs:
        return _seqdesign(inputs)
    return _with_losses(inputs) if "events" not in inputs else _east(inputs)


def gsd_logrank_simulation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, calendar and power with accrual that ramps up; the simulated means of the source are not repeated."""
    plan = MonitoringPlan(
        information=tuple(map(float, inputs["info_fractions"])),
        alpha=inputs["alpha"],
        beta=inputs["beta"],
        efficacy=ObrienFleming(),
    )
    design = boundaries_of(plan)
    events = design.drift**2 / (0.25 * math.log(inputs["hr"]) ** 2) * design.information
    starts, rates = inputs["accrual_start"], inputs["accrual_rate"]
    early = sum(rate * (b - a) for rate, a, b in zip(rates[:-1], starts[:-1], starts[1:], strict=True))
    last = starts[-1] + (inputs["n"] - early) / rates[-1]
    accrual = PiecewiseConstant((*map(float, starts[1:]), last), (*(rate / 2.0 for rate in rates), 0.0))
    arms = _arms(
        inputs["control_median"], inputs["hr"], -math.log(1.0 - inputs["dropout_prob"]) / inputs["dropout_time"]
    )

    def both(time: float) -> float:
        return sum(expected_events(accrual, arm, time) for arm in arms)

    times = np.array([time_of_events(event, both) for event in events])
    stops = stopping(design)
    analytic = {
        "events": events,
        "analysis_time": times,
        "efficacy_z": design.upper_z,
        "hr_at_bound": 1.0 / critical_ratio(design.upper_z, events, 0.5),
        "cum_power": stops.cumsum(),
        "expected_events_h1": events[1] - stops[0] * (events[1] - events[0]),
        "expected_duration_h1": times[1] - stops[0] * (times[1] - times[0]),
    }
    return {"analytic": analytic}


def gsd_expected_events(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events by a time of a design that spends beta too; its size is Schoenfeld's, East's is Lachin-Foulkes."""
    plan = MonitoringPlan(
        information=tuple((i + 1.0) / inputs["k"] for i in range(inputs["k"])),
        alpha=inputs["alpha"],
        beta=inputs["beta"],
        efficacy=HwangShihDeCani(inputs["upper_spending_gamma"]),
        futility=Power(inputs["lower_spending_rho"]),
    )
    design = boundaries_of(plan)
    events = design.drift**2 / (0.25 * math.log(inputs["hr"]) ** 2)
    arms = _arms(inputs["control_median"], inputs["hr"], math.log(2.0) / inputs["loss_median"])
    sized = calendar(design, events, arms, 0.5, inputs)
    accrual = uniform_accrual(sized.n / 2.0, sized.duration)
    return {"expected_events": sum(expected_events(accrual, arm, float(inputs["t"])) for arm in arms)}


def type1_repeated_testing(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Chance of crossing the upper one of two constant bounds at equally spaced analyses."""
    bound = inputs["bounds_z"]
    looks = [np.arange(1.0, count + 1.0) for count in inputs["looks"]]
    return {"upper_prob": [float(crossing_probabilities(t, -bound, bound, 0.0).upper.sum()) for t in looks]}


def seen(hazard: PiecewiseConstant, loss: PiecewiseConstant | None = None) -> Probability:
    """Probability of an event by a time since entry."""
    return partial(event_probability, hazard, loss or constant(0.0))


def stopping(design: Boundaries) -> Floats:
    """Probability of stopping at each analysis under the planned effect to reject, either way when two-sided."""
    upper, lower, _ = design.crossing([design.drift])
    return np.asarray(upper[0] + lower[0] if design.plan.sides == 2 else upper[0])


def critical_ratio(z: Floats, events: Floats, share: float) -> Floats:
    """Hazard ratio above 1 at a bound."""
    return np.asarray(np.exp(z / np.sqrt(events * share * (1.0 - share))))


def calendar(
    design: Boundaries, events: float, arms: Sequence[Probability], share: float, inputs: Mapping[str, Any]
) -> Sized:
    """Patients that give the events at the end of follow-up, and when each analysis has its part of them."""
    duration, follow_up = float(inputs["accrual_time"]), float(inputs["follow_up"])
    accrual = uniform_accrual(1.0, duration)

    def each(time: float) -> float:
        weights = (share, 1.0 - share)
        return sum(
            weight * expected_events(accrual, arm, time, bends=inputs.get("piecewise_start", [0.0])[1:])
            for weight, arm in zip(weights, arms, strict=True)
        )

    n = events / each(duration + follow_up)
    times = [time_of_events(events * part / n, each) for part in design.information]
    return Sized(design, events, n, duration, np.array(times))


def _seqdesign(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    design = boundaries_of(
        MonitoringPlan(
            information=tuple(inputs["info_fractions"]),
            alpha=inputs["alpha_total"],
            sides=inputs["sided"],
            beta=inputs["beta"],
            efficacy=ObrienFleming(),
        )
    )
    rates = [inputs["lambdaC"], inputs["lambdaE"]]
    events = design.drift**2 / (0.25 * math.log(rates[1] / rates[0]) ** 2) * design.information
    duration = float(inputs["accrual_duration"])
    accrual = uniform_accrual(inputs["accrual_rate"] * duration / 2.0, duration)

    def both(time: float) -> float:
        return sum(expected_events(accrual, seen(constant(rate)), time) for rate in rates)

    times = np.array([time_of_events(event, both) for event in events])
    return {
        "events": events,
        "calendar_time": times,
        "n": inputs["accrual_rate"] * np.minimum(times, duration),
        "upper_z": design.upper_z,
        "follow_up": times[-1] - duration,
    }


def _with_losses(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    design = boundaries_of(
        MonitoringPlan(
            information=tuple(inputs["info"]),
            alpha=inputs["alpha"],
            beta=inputs["beta"],
            efficacy=ObrienFleming(),
            futility=HwangShihDeCani(-10.0),
        )
    )
    events = design.drift**2 / (0.25 * math.log(inputs["hr"]) ** 2)
    n = calendar(design, events, _arms(inputs["null_median"], inputs["hr"], inputs["loss_hazard"]), 0.5, inputs).n
    per_arm = math.ceil(n / 2.0)
    return {"n_total": 2 * per_arm, "n_per_arm": per_arm}


def _east(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    events = np.array(inputs["events"], dtype=np.float64)
    plan = MonitoringPlan(
        information=(float(events[0] / events[1]), 1.0),
        alpha=inputs["alpha"],
        beta=1.0 - inputs["power"],
        efficacy=ObrienFleming(),
        futility=HwangShihDeCani(-10.0),
    )
    design = boundaries_of(plan)
    # The power of 0.95 needs fewer events than the whole number above, which gives the power printed.
    needed = boundaries_of(replace(plan, beta=1.0 - round(inputs["power"], 2))).drift ** 2
    needed /= 0.25 * math.log(inputs["hr"]) ** 2
    crossing = design.crossing([0.0, design.drift])
    lengths = {"accrual_time": inputs["enroll_duration"], "follow_up": inputs["min_follow_up"]}
    arms = _arms(inputs["control_median"], inputs["hr"], inputs["dropout_rate_monthly"])
    sized = calendar(design, needed, arms, 0.5, lengths)
    return {
        "n": sized.n,
        "events": events,
        "month": sized.times,
        "efficacy_z": -design.upper_z,
        "futility_z_ia": -design.lower_z[0],
        "efficacy_p": design.nominal_p,
        "hr_at_bound": 1.0 / critical_ratio(design.upper_z, events, 0.5),
        "futility_hr": 1.0 / critical_ratio(design.lower_z, events, 0.5)[0],
        "p_cross_h1_efficacy": crossing.upper[1].cumsum(),
        "p_cross_h1_futility": crossing.lower[1, 0],
        "p_cross_h0_futility": crossing.lower[0, 0],
    }


def _arms(median: float, ratio: float, loss: float) -> list[Probability]:
    hazard = rate_of_median(median)
    return [seen(hazard, constant(loss)), seen(hazard * ratio, constant(loss))]

"""Events, patients and calendar of group-sequential log-rank tests, as `jaksim.plan` answers them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaksim import plan
from jaksim.arrays import Floats
from jaksim.plan.answer import PlannedDesign
from jaksim.trial.monitoring.integration import crossing_probabilities

BOUNDS = "Bounds for efficacy"
FUTILITY = "Bounds for futility"
STOPPING = "Probability of stopping for efficacy"
FUTILE = "Probability of stopping for futility"


def logrank_with_design(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A design for two proportions with the event at a time, with or without a calendar."""
    design = inputs["design"]
    asked = {
        "control_survival": 1.0 - inputs["pi2"],
        "active_survival": 1.0 - inputs["pi1"],
        "at": inputs["event_time"],
        "better": "higher" if inputs["pi1"] > inputs["pi2"] else "lower",
        "formula": inputs["method"].lower().replace("-", "_"),
        "alpha": design["alpha"],
        "sides": design["sided"],
        "looks": design["info_fractions"],
        "spending": _spending(design),
        "allocation": f"{inputs['allocation_ratio']}:1",
    }
    power = 1.0 - design["beta"]
    if "accrual_time" not in inputs:
        # Everybody is followed just up to the time of the proportions.
        (sized,) = plan.survival(**asked, power=power, accrual=0, follow_up=inputs["event_time"]).designs
        exact = _at_events(sized, asked)
    else:
        calendar = {"accrual": inputs["accrual_time"]}
        (sized,) = plan.survival(**asked, power=power, **calendar, follow_up=inputs["follow_up"]).designs
        exact = _at_events(sized, {**asked, **calendar, "patients": sized.exact_size})
    above = column(exact, BOUNDS, "Hazard ratio")
    answers: dict[str, Any] = {
        "n": sized.exact_size,
        "events": exact.size,
        "events_per_stage": column(exact, BOUNDS, "Events"),
        "expected_events_h1": exact.facts["expected_events_effect"],
        "critical_hr": above,
    }
    if design["sided"] == 2:
        answers |= {"critical_hr_upper": above, "critical_hr_lower": 1.0 / above}
        answers["reject_per_stage"] = column(exact, STOPPING, "Effect")[:-1]
    if "accrual_time" in inputs:
        answers |= {
            "analysis_time": column(exact, BOUNDS, "Time"),
            "study_duration": exact.facts["expected_time_effect"],
            "subjects_per_stage": column(exact, BOUNDS, "Enrolled"),
            "expected_n_h1": exact.facts["expected_enrolled_effect"],
        }
    return answers


def logrank_sample_size_piecewise(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Piecewise exponential times and several hazard ratios."""
    design = inputs["design"]
    asked = {
        "control_hazard": inputs["lambda2"],
        "cuts": inputs["piecewise_start"][1:],
        "better": "higher",
        "alpha": design["alpha"],
        "sides": design["sided"],
        "looks": design["k"],
        "spending": _spending(design),
        "accrual": inputs["accrual_time"],
    }
    whole = plan.survival(
        **asked, hazard_ratio=inputs["hazard_ratio"], power=1.0 - design["beta"], follow_up=inputs["follow_up"]
    ).designs
    found = [_at_events(one, {**asked, "hazard_ratio": one.effect, "patients": one.exact_size}) for one in whole]
    return {
        "n": [one.exact_size for one in whole],
        "events": [one.size for one in found],
        "analysis_time_stage1": [column(one, BOUNDS, "Time")[0] for one in found],
        "study_duration": [one.facts["expected_time_effect"] for one in found],
        "expected_events_h1": [one.facts["expected_events_effect"] for one in found],
        "reject_per_stage": column(found[0], STOPPING, "Effect")[:-1],
        "critical_hr_stage1": [column(one, BOUNDS, "Hazard ratio")[0] for one in found],
        "critical_hr_stage2": [column(one, BOUNDS, "Hazard ratio")[1] for one in found],
    }


def gsd_logrank_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Designs of SAS and East: bounds, events, calendar and patients."""
    if "lambdaC" in inputs:
        return _seqdesign(inputs)
    return _with_losses(inputs) if "events" not in inputs else _east(inputs)


def gsd_logrank_simulation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, calendar and power with accrual that ramps up; the simulated means of the source are not repeated."""
    asked = {
        "control_median": inputs["control_median"],
        "hazard_ratio": inputs["hr"],
        "alpha": inputs["alpha"],
        "sides": 1,
        "looks": inputs["info_fractions"],
        "patients": inputs["n"],
        "accrual_rates": inputs["accrual_rate"],
        "accrual_cuts": inputs["accrual_start"][1:],
        "dropout": inputs["dropout_prob"],
        "dropout_by": inputs["dropout_time"],
    }
    (sized,) = plan.survival(**asked, power=1.0 - inputs["beta"]).designs
    exact = _at_events(sized, asked)
    analytic = {
        "events": column(exact, BOUNDS, "Events"),
        "analysis_time": column(exact, BOUNDS, "Time"),
        "efficacy_z": column(exact, BOUNDS, "z"),
        "hr_at_bound": column(exact, BOUNDS, "Hazard ratio"),
        "cum_power": column(exact, STOPPING, "Effect")[:-1].cumsum(),
        "expected_events_h1": exact.facts["expected_events_effect"],
        "expected_duration_h1": exact.facts["expected_time_effect"],
    }
    return {"analytic": analytic}


def gsd_expected_events(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events by a time of a design that spends beta too; its size is Schoenfeld's, East's is Lachin-Foulkes."""
    asked = {
        "control_median": inputs["control_median"],
        "hazard_ratio": inputs["hr"],
        "alpha": inputs["alpha"],
        "sides": 1,
        "dropout_hazard": [math.log(2.0) / inputs["loss_median"]],
        "accrual": inputs["accrual_time"],
    }
    (sized,) = plan.survival(
        **asked,
        power=1.0 - inputs["beta"],
        looks=inputs["k"],
        spending=f"hsd:{inputs['upper_spending_gamma']}",
        futility=f"power:{inputs['lower_spending_rho']}",
        follow_up=inputs["follow_up"],
    ).designs
    (by_then,) = plan.survival(**asked, patients=sized.size, follow_up=inputs["t"] - inputs["accrual_time"]).designs
    return {"expected_events": by_then.facts["events"]}


def type1_repeated_testing(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Chance of crossing the upper one of two constant bounds at equally spaced analyses."""
    bound = inputs["bounds_z"]
    looks = [np.arange(1.0, count + 1.0) for count in inputs["looks"]]
    return {"upper_prob": [float(crossing_probabilities(t, -bound, bound, 0.0).upper.sum()) for t in looks]}


def column(design: PlannedDesign, title: str, header: str) -> Floats:
    """A column of one of a design's tables."""
    (table,) = (one for one in design.tables if one.title == title)
    place = table.headers.index(header)
    return np.array([row[place] for row in table.rows], dtype=np.float64)


def _at_events(sized: PlannedDesign, asked: Mapping[str, Any]) -> PlannedDesign:
    """The same design at just the events that it needs, not rounded."""
    events = sized.exact_facts.get("events", sized.exact_size)
    (found,) = plan.survival(**asked, events=events).designs
    return found


def _spending(design: Mapping[str, Any]) -> str:
    return f"wang-tsiatis:{design['delta']}" if design["type"] == "Wang-Tsiatis" else "wang-tsiatis:0"


def _seqdesign(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = {
        "control_hazard": [inputs["lambdaC"]],
        "hazard_ratio": inputs["lambdaE"] / inputs["lambdaC"],
        "alpha": inputs["alpha_total"],
        "sides": inputs["sided"],
        "looks": inputs["info_fractions"],
        "accrual_rates": [inputs["accrual_rate"]],
        "accrual": inputs["accrual_duration"],
    }
    (sized,) = plan.survival(**asked, power=1.0 - inputs["beta"]).designs
    exact = _at_events(sized, asked)
    return {
        "events": column(exact, BOUNDS, "Events"),
        "calendar_time": column(exact, BOUNDS, "Time"),
        "n": column(exact, BOUNDS, "Enrolled"),
        "upper_z": column(exact, BOUNDS, "z"),
        "follow_up": exact.facts["follow_up_time"],
    }


def _with_losses(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    (found,) = plan.survival(
        control_median=inputs["null_median"],
        hazard_ratio=inputs["hr"],
        alpha=inputs["alpha"],
        sides=1,
        power=1.0 - inputs["beta"],
        looks=inputs["info"],
        futility="hsd:-10",
        accrual=inputs["accrual_time"],
        follow_up=inputs["follow_up"],
        dropout_hazard=[inputs["loss_hazard"]],
    ).designs
    return {"n_total": found.size, "n_per_arm": found.active}


def _east(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    events: Sequence[float] = inputs["events"]
    level = {
        "control_median": inputs["control_median"],
        "hazard_ratio": inputs["hr"],
        "alpha": inputs["alpha"],
        "sides": 1,
        "looks": [events[0] / events[1], 1.0],
        "futility": "hsd:-10",
    }
    calendar = {"accrual": inputs["enroll_duration"], "dropout_hazard": [inputs["dropout_rate_monthly"]]}
    # The power of 0.95 needs fewer events than the whole number above, which gives the power printed.
    (sized,) = plan.survival(
        **level, **calendar, power=round(inputs["power"], 2), follow_up=inputs["min_follow_up"]
    ).designs
    needed = _at_events(sized, {**level, **calendar, "patients": sized.exact_size})
    # What is spent on futility follows the power: the hazard ratio with which these events have it is the planned one.
    (found,) = plan.survival(**{**level, "hazard_ratio": None}, events=events[1], power=inputs["power"]).designs
    return {
        "n": sized.exact_size,
        "events": column(found, BOUNDS, "Events"),
        "month": column(needed, BOUNDS, "Time"),
        "efficacy_z": -column(found, BOUNDS, "z"),
        "futility_z_ia": -column(found, FUTILITY, "z")[0],
        "efficacy_p": column(found, BOUNDS, "Nominal p"),
        "hr_at_bound": column(found, BOUNDS, "Hazard ratio"),
        "futility_hr": column(found, FUTILITY, "Hazard ratio")[0],
        "p_cross_h1_efficacy": column(found, STOPPING, "Effect")[:-1].cumsum(),
        "p_cross_h1_futility": column(found, FUTILE, "Effect")[0],
        "p_cross_h0_futility": column(found, FUTILE, "No effect")[0],
    }

"""Tests of survival curves in large trials with entry over time, losses and hazards that need not be proportional."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from jaksim import plan
from jaksim.formulas.followed_arm import followed_arm
from jaksim.formulas.max_combo_power import max_combo_plan
from jaksim.formulas.nph_size import LogRankWeight, log_rank_law
from jaksim.piecewise import PiecewiseConstant
from jaksim.plan.answer import PlannedDesign
from jaksim.verification.runners.events import constant, uniform_accrual
from jaksim.verification.runners.group_sequential_log_rank import BOUNDS, STOPPING, column


def nonparametric_survival_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of log-rank, Gehan-Breslow, survival at a milestone and ratio of restricted means."""
    asked = _uniform(inputs) | {"patients": 2 * inputs["n_per_arm"]}
    tests = (
        {"formula": "lakatos"},
        {"test": "gehan"},
        {"test": "milestone:12"},
        {"test": "rmst_ratio:12"},
    )
    return {"power": [plan.survival(**asked, **test).designs[0].power for test in tests]}


def nonparametric_survival_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients and events of both arms, two active patients to one."""
    (found,) = plan.survival(**_uniform(inputs), formula="lakatos", allocation="2:1", power=inputs["power"]).designs
    assert found.exact_size is not None
    # Events of the trial that is not rounded.
    part = found.exact_size / found.size
    (_, n_1, d_1, *_), (_, n_0, d_0, *_) = found.tables[0].rows
    n_0, n_1, d_0, d_1 = (part * value for value in (n_0, n_1, d_0, d_1))
    return {"n0": n_0, "n1": n_1, "n": n_0 + n_1, "d0": d_0, "d1": d_1, "d": d_0 + d_1}


def _uniform(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "control_median": inputs["control_median"],
        "active_median": inputs["active_median"],
        "accrual": 6.0,
        "follow_up": 12.0,
        "dropout_hazard": [math.log(2.0) / inputs["loss_median"]],
        "alpha": inputs["alpha_one_sided"],
        "sides": 1,
    }


def delayed_effect_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of the log-rank test by the time from which the active arm has a hazard of its own, its median kept."""
    hazard = math.log(2.0) / inputs["control_median"]
    asked = _decelerating() | {"alpha": inputs["alpha_one_sided"], "sides": 1, "control_hazard": [hazard]}
    powers = []
    for tau in inputs["tau1"]:
        later = (math.log(2.0) - hazard * tau) / (9.0 - tau)
        active = {"active_hazard": [hazard, later], "cuts": [tau]} if tau > 0.0 else {"active_hazard": [later]}
        powers.append(plan.survival(**asked, **active, formula="lakatos").designs[0].power)
    return {"power": powers}


def _decelerating() -> dict[str, Any]:
    """Entry truncated exponential, shape 0.1, over 14 months; Weibull losses, shape 2, 1 % by 25 months, in steps."""
    edges = np.linspace(0.0, 14.0, 141)
    entered = (1.0 - np.exp(-0.1 * edges)) / (1.0 - math.exp(-1.4))
    months = np.linspace(0.0, 25.0, 101)
    lost = -math.log(0.99) * (months / 25.0) ** 2
    return {
        "patients": 360,
        "allocation": "2:1",
        "accrual": 14.0,
        "accrual_rates": (np.diff(entered) / np.diff(edges)).tolist(),
        "accrual_cuts": edges[1:-1].tolist(),
        "follow_up": 11.0,
        "dropout_hazard": (np.diff(lost) / np.diff(months)).tolist(),
        "dropout_cuts": months[1:-1].tolist(),
    }


def optimal_allocation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schoenfeld's events, the patients they take, the time to see them, power, and events of the reference arm."""
    rows = [_allocated(inputs, ratio) for ratio in inputs["HR"]]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _allocated(inputs: Mapping[str, Any], ratio: float) -> dict[str, Any]:
    def by_ratio(name: str) -> float:
        bend, low, high = inputs[name]
        part = (ratio - 0.3) / 0.6
        return float(part * math.exp(bend * (ratio - 0.9)) * (high - low) + low)

    level = {"alpha": 0.025, "sides": 1, "hazard_ratio": ratio, "control_median": by_ratio("median")}
    events = plan.survival(**level, power=0.9).designs[0].exact_size
    assert events is not None
    length, share = by_ratio("accrual_time"), Fraction(inputs["p1"]).limit_denominator(100)
    shares, cuts = inputs["accrual_shares"], [length * cut for cut in inputs["accrual_cuts"]]
    patients = events / by_ratio("events_per_patient")
    (found,) = plan.survival(
        **level,
        formula="lakatos",
        events=events,
        patients=patients,
        allocation=f"{share.numerator}:{share.denominator - share.numerator}",
        accrual=length,
        accrual_rates=[part / width for part, width in zip(shares, np.diff([0.0, *cuts]), strict=True)],
        accrual_cuts=cuts[:-1],
        dropout_hazard=[0.05 * math.log(2.0) / level["control_median"]],
    ).designs
    _, (_, _, reference, *_) = found.tables[0].rows
    time = found.facts["analysis_time"]
    return {"d": events, "n": patients, "total_time": time, "power": found.power, "events0": reference}


def stratified_logrank_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of a stratified trial with three analyses."""
    return {"power": _crossed(inputs, (1 / 3, 2 / 3, 1.0)).power}


def stratified_gsd_logrank(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, times and rejection by analysis of the same trial."""
    by_calendar = _crossed(inputs, inputs["info_fractions"])
    by_events = _crossed(inputs, inputs["info_fractions"], events=inputs["target_events"])
    times = column(by_events, BOUNDS, "Time")
    return {
        "calendar_time_66_events": times[-1],
        "power": by_calendar.power,
        "efficacy_z": column(by_calendar, BOUNDS, "z"),
        "cumulative_rejection": column(by_calendar, STOPPING, "Effect")[:-1].cumsum(),
        "analysis_time": times,
    }


def _crossed(inputs: Mapping[str, Any], looks: Sequence[float], events: float | None = None) -> PlannedDesign:
    """All combinations of three factors; logarithms of the hazard ratios are multiplied, as the source has it."""
    shares = product(*(inputs[name] for name in ("p1", "p2", "p3")))
    ratios = product(*(inputs[name] for name in ("theta1", "theta2", "theta3")))
    (found,) = plan.survival(
        control_hazard=[inputs["lambda_ref"]],
        hazard_ratio=inputs["hr"],
        formula="lakatos",
        strata=[math.prod(share) for share in shares],
        strata_hazards=[math.exp(math.prod(map(math.log, ratio))) for ratio in ratios],
        accrual=inputs["accrual_duration"],
        patients=inputs["accrual_intensity"] * inputs["accrual_duration"],
        looks=looks,
        alpha=inputs["alpha"],
        sides=1,
        **({"follow_up": inputs["follow_up"]} if events is None else {"events": events}),
    ).designs
    return found


def gsd_logrank_delayed_effect(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, times and rejection by analysis with the planned events, accrual that speeds up and a delayed effect."""
    (found,) = plan.survival(
        control_median=inputs["control_median"],
        hazard_ratio=inputs["hr_after"],
        delay=inputs["delay"],
        **_ramp(inputs),
        dropout=inputs["annual_dropout"],
        dropout_by=12.0,
        events=inputs["planned_events"][-1],
        looks=inputs["info_fractions"],
        alpha=inputs["alpha"],
        sides=1,
    ).designs
    return {
        "n": found.facts["patients"],
        "study_duration": found.facts["analysis_time"],
        "expected_study_duration": found.facts["expected_time_effect"],
        "power": found.power,
        "efficacy_z": column(found, BOUNDS, "z"),
        "cum_rejection": column(found, STOPPING, "Effect")[:-1].cumsum(),
        "analysis_time": column(found, BOUNDS, "Time"),
        "events_by_stage": column(found, BOUNDS, "Events"),
        "ahr": column(found, BOUNDS, "Average hazard ratio"),
    }


def logrank_sample_size_nph(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow-up, or rates of accrual, for which a stratified trial with a delayed effect has the power.

    As the source does, events of the one and patients of the other are rounded up.
    """
    control, active = inputs["lambda2"][0], inputs["lambda1"]
    asked = {
        "control_hazard": [control],
        "hazard_ratio": active[1] / control,
        "delay": inputs["piecewise_start"][1],
        "strata": inputs["stratum_fraction"],
        "strata_hazards": [1.0, 1.5],
        **_ramp(inputs),
        "dropout": 0.05,
        "dropout_by": 12.0,
        "looks": inputs["info_fractions"],
        "power": 1.0 - inputs["beta"],
        "alpha": inputs["alpha"],
        "sides": 1,
    }
    if inputs["solve"] == "follow-up time":
        (found,) = plan.survival(**asked).designs
        return {"follow_up": found.facts["follow_up_time"]}
    (found,) = plan.survival(**asked, follow_up=inputs["follow_up"]).designs
    planned = sum(rate * width for rate, width in zip(asked["accrual_rates"], [1.0] * 8 + [14.0], strict=True))
    assert found.exact_size is not None
    # The source's patients need not divide into two equal arms.
    part = math.ceil(found.exact_size) / planned
    return {"accrual_intensity": [part * rate for rate in asked["accrual_rates"]]}


def _ramp(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Accrual that grows to 26 a month over nine months."""
    return {
        "accrual_rates": [26.0 / 9.0 * month for month in range(1, 10)],
        "accrual_cuts": list(range(1, 9)),
        "accrual": inputs["accrual_duration"],
    }


def maxcombo_gsd_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Scores, correlations, bounds and power of log-rank at the interim and the larger of two tests at the end."""
    n, (_, cut) = float(inputs["n"]), inputs["piecewise_start"]
    times = [
        plan.survival(
            control_hazard=inputs["lambda2"],
            active_hazard=inputs["lambda1"],
            cuts=[cut],
            accrual=n / inputs["accrual_intensity"],
            patients=n,
            events=events,
        )
        .designs[0]
        .facts["analysis_time"]
        for events in (inputs["interim_events"], inputs["shown_events"])
    ]
    # `plan` has this test with one analysis.
    accrual = uniform_accrual(n, n / inputs["accrual_intensity"])
    hazards = (PiecewiseConstant((cut,), tuple(inputs[name])) for name in ("lambda2", "lambda1"))
    reference, active = (followed_arm(n / 2, one, accrual=accrual, dropout=constant(0.0)) for one in hazards)
    strata, even, late = [(reference, active)], LogRankWeight(), LogRankWeight(gamma=1.0)
    laws = [log_rank_law(strata, time, [even, late]) for time in times]
    found = max_combo_plan(
        strata, times, [[even], [even, late]], interim_alpha=[inputs["interim_alpha"]], alpha=inputs["alpha"]
    )
    return {
        "time_50_and_99_9_events": times,
        "uscore_lr": [law.mean[0] for law in laws],
        "vscore_lr": [law.covariance[0, 0] for law in laws],
        "uscore_fh01": [law.mean[1] for law in laws],
        "vscore_fh01": [law.covariance[1, 1] for law in laws],
        "mean_z": found.z,
        "corr": found.correlation[[0, 0, 1], [1, 2, 2]],
        "u1": found.upper_z[0],
        "u2": found.upper_z[1],
        "power": found.power,
    }

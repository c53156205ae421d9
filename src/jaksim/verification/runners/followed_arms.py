"""Tests of survival curves in large trials with entry over time, losses and hazards that need not be proportional."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from jaksim import plan
from jaksim.formulas.followed_arm import events_of, followed_arm
from jaksim.formulas.max_combo_power import max_combo_plan
from jaksim.formulas.nph_monitoring import analysis_times, rejection_by_analysis
from jaksim.formulas.nph_size import (
    LogRankWeight,
    Pair,
    log_rank_law,
)
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.verification.runners.events import constant, uniform_accrual

NOTHING = constant(0.0)


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
    strata = _crossed_strata(inputs)
    end = inputs["accrual_duration"] + inputs["follow_up"]
    return {"power": _monitored(strata, end, (1 / 3, 2 / 3, 1.0), inputs["alpha"])[-1]}


def stratified_gsd_logrank(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, times and rejection by analysis of the same trial."""
    strata, fractions = _crossed_strata(inputs), tuple(inputs["info_fractions"])
    end = inputs["accrual_duration"] + inputs["follow_up"]
    rejected = _monitored(strata, end, fractions, inputs["alpha"])
    times = analysis_times(strata, np.array(fractions) * inputs["target_events"])
    return {
        "calendar_time_66_events": times[-1],
        "power": rejected[-1],
        "efficacy_z": boundaries_of(MonitoringPlan(information=fractions, alpha=inputs["alpha"])).upper_z,
        "cumulative_rejection": rejected,
        "analysis_time": times,
    }


def _crossed_strata(inputs: Mapping[str, Any]) -> list[Pair]:
    """All combinations of three factors; logarithms of the hazard ratios are multiplied, as the source has it."""
    accrual = uniform_accrual(inputs["accrual_intensity"] * inputs["accrual_duration"], inputs["accrual_duration"])
    half = inputs["accrual_intensity"] * inputs["accrual_duration"] / 2
    shares = product(*(inputs[name] for name in ("p1", "p2", "p3")))
    ratios = product(*(inputs[name] for name in ("theta1", "theta2", "theta3")))
    pairs = []
    for share, ratio in zip(shares, ratios, strict=True):
        hazard = inputs["lambda_ref"] * math.exp(math.prod(map(math.log, ratio)))
        patients = half * math.prod(share)
        pairs.append(_pair(patients, constant(hazard), constant(hazard * inputs["hr"]), accrual, NOTHING))
    return pairs


def gsd_logrank_delayed_effect(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bounds, times and rejection by analysis with the planned events, accrual that speeds up and a delayed effect."""
    fractions, accrual = np.array(inputs["info_fractions"]), _ramp(inputs)
    patients = float(accrual.integral(0.0, inputs["accrual_duration"]))
    hazard, dropout = math.log(2.0) / inputs["control_median"], constant(-math.log1p(-inputs["annual_dropout"]) / 12.0)
    late = PiecewiseConstant((inputs["delay"],), (hazard, hazard * inputs["hr_after"]))
    strata = [_pair(patients / 2, constant(hazard), late, accrual, dropout)]
    upper = boundaries_of(MonitoringPlan(information=tuple(fractions), alpha=inputs["alpha"])).upper_z
    times = analysis_times(strata, inputs["planned_events"])
    rejected = rejection_by_analysis(strata, times, upper)
    return {
        "n": patients,
        "study_duration": times[-1],
        "expected_study_duration": times[1] - rejected[0] * (times[1] - times[0]),
        "power": rejected[-1],
        "efficacy_z": upper,
        "cum_rejection": rejected,
        "analysis_time": times,
        "events_by_stage": [events_of([arm for pair in strata for arm in pair], time) for time in times],
    }


def logrank_sample_size_nph(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow-up, or rates of accrual, for which a stratified trial with a delayed effect has the power.

    As the source does, events of the one and patients of the other are rounded up.
    """
    fractions, target = tuple(inputs["info_fractions"]), 1.0 - float(inputs["beta"])

    def excess(factor: float, follow_up: float) -> float:
        end = inputs["accrual_duration"] + follow_up
        return float(_monitored(_late_strata(inputs, factor), end, fractions, inputs["alpha"])[-1]) - target

    if inputs["solve"] == "follow-up time":
        follow_up = float(brentq(lambda one: excess(1.0, one), 1.0, 100.0, xtol=1e-6))
        arms = [arm for pair in _late_strata(inputs, 1.0) for arm in pair]
        events = math.ceil(events_of(arms, inputs["accrual_duration"] + follow_up))
        (end,) = analysis_times(_late_strata(inputs, 1.0), events)
        return {"follow_up": end - inputs["accrual_duration"]}
    factor = brentq(lambda one: excess(one, inputs["follow_up"]), 0.5, 4.0, xtol=1e-6)
    planned = float(_ramp(inputs).integral(0.0, inputs["accrual_duration"]))
    factor = math.ceil(factor * planned) / planned
    return {"accrual_intensity": [factor * rate for rate in _ramp(inputs).values[:9]]}


def _late_strata(inputs: Mapping[str, Any], factor: float) -> list[Pair]:
    accrual, dropout = _ramp(inputs), constant(-math.log1p(-0.05) / 12.0)
    half = factor * float(accrual.integral(0.0, inputs["accrual_duration"])) / 2
    cut = (float(inputs["piecewise_start"][1]),)
    hazards = [
        [PiecewiseConstant(cut, (scale * base[0], scale * base[1])) for scale in (1.0, 1.5)]
        for base in (inputs["lambda2"], inputs["lambda1"])
    ]
    return [
        _pair(half * share, reference, active, accrual, dropout)
        for share, reference, active in zip(inputs["stratum_fraction"], *hazards, strict=True)
    ]


def _monitored(strata: Sequence[Pair], end: float, fractions: Sequence[float], alpha: float) -> NDArray[np.float64]:
    """Rejection by analysis when analyses come at fractions of the events expected by `end`."""
    upper = boundaries_of(MonitoringPlan(information=tuple(fractions), alpha=alpha)).upper_z
    events = events_of([arm for pair in strata for arm in pair], end)
    return rejection_by_analysis(strata, analysis_times(strata, np.array(fractions) * events), upper)


def _ramp(inputs: Mapping[str, Any]) -> PiecewiseConstant:
    """Accrual that grows to 26 a month over nine months."""
    rates = [26.0 / 9.0 * month for month in range(1, 10)]
    return PiecewiseConstant((*map(float, range(1, 9)), float(inputs["accrual_duration"])), (*rates, 0.0))


def _pair(
    patients: float,
    reference: PiecewiseConstant,
    active: PiecewiseConstant,
    accrual: PiecewiseConstant,
    dropout: PiecewiseConstant,
) -> Pair:
    first, second = (followed_arm(patients, hazard, accrual=accrual, dropout=dropout) for hazard in (reference, active))
    return first, second


def maxcombo_gsd_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Scores, correlations, bounds and power of log-rank at the interim and the larger of two tests at the end."""
    n, (_, cut) = float(inputs["n"]), inputs["piecewise_start"]
    accrual = uniform_accrual(n, n / inputs["accrual_intensity"])
    active, reference = (PiecewiseConstant((cut,), tuple(inputs[name])) for name in ("lambda1", "lambda2"))
    strata = [_pair(n / 2, reference, active, accrual, NOTHING)]
    times = analysis_times(strata, [inputs["interim_events"], inputs["shown_events"]])
    even, late = LogRankWeight(), LogRankWeight(gamma=1.0)
    laws = [log_rank_law(strata, time, [even, late]) for time in times]
    plan = max_combo_plan(
        strata, times, [[even], [even, late]], interim_alpha=[inputs["interim_alpha"]], alpha=inputs["alpha"]
    )
    return {
        "time_50_and_99_9_events": times,
        "uscore_lr": [law.mean[0] for law in laws],
        "vscore_lr": [law.covariance[0, 0] for law in laws],
        "uscore_fh01": [law.mean[1] for law in laws],
        "vscore_fh01": [law.covariance[1, 1] for law in laws],
        "mean_z": plan.z,
        "corr": plan.correlation[[0, 0, 1], [1, 2, 2]],
        "u1": plan.upper_z[0],
        "u2": plan.upper_z[1],
        "power": plan.power,
    }

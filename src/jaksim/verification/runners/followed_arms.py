"""Tests of survival curves in large trials with entry over time, losses and hazards that need not be proportional."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from jaksim.formulas.followed_arm import FollowedArm, events_of, followed_arm
from jaksim.formulas.log_rank_size import schoenfeld_events
from jaksim.formulas.max_combo_power import max_combo_plan
from jaksim.formulas.nph_monitoring import analysis_times, rejection_by_analysis
from jaksim.formulas.nph_size import (
    LogRankWeight,
    Pair,
    large_sample_power,
    log_rank_law,
    rmst_law,
    size_factor,
    survival_difference_law,
)
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.verification.runners.events import constant, rate_of_median, uniform_accrual

NOTHING = constant(0.0)


def nonparametric_survival_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of log-rank, Gehan-Breslow, survival at a milestone and ratio of restricted means."""
    (reference, active), time, alpha = _uniform(inputs, 1.0), 18.0, inputs["alpha_one_sided"]
    laws = (
        log_rank_law([(reference, active)], time),
        log_rank_law([(reference, active)], time, [LogRankWeight(gehan=True)]),
        survival_difference_law(reference, active, time, at=12.0),
        rmst_law(reference, active, time, tau=12.0, ratio=True),
    )
    return {"power": [large_sample_power(law, alpha=alpha) for law in laws]}


def nonparametric_survival_sample_size(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patients and events of both arms, two active patients to one."""
    reference, active = _uniform(inputs, 2.0)
    law = log_rank_law([(reference, active)], 18.0)
    factor = size_factor(law, power=inputs["power"], alpha=inputs["alpha_one_sided"])
    arms = [arm.scaled(factor) for arm in (reference, active)]
    (n_0, n_1), (d_0, d_1) = [arm.patients for arm in arms], [events_of([arm], 18.0) for arm in arms]
    return {"n0": n_0, "n1": n_1, "n": n_0 + n_1, "d0": d_0, "d1": d_1, "d": d_0 + d_1}


def delayed_effect_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power of the log-rank test by the time from which the active arm has a hazard of its own, its median kept."""
    hazard = math.log(2.0) / inputs["control_median"]
    return {
        "power": [
            large_sample_power(
                log_rank_law(
                    [(_decelerating(120.0, constant(hazard)), _decelerating(240.0, _delayed(hazard, tau)))], 25.0
                ),
                alpha=inputs["alpha_one_sided"],
            )
            for tau in inputs["tau1"]
        ]
    }


def _delayed(hazard: float, tau: float) -> PiecewiseConstant:
    later = (math.log(2.0) - hazard * tau) / (9.0 - tau)
    return PiecewiseConstant((tau,), (hazard, later)) if tau > 0.0 else constant(later)


def _decelerating(patients: float, hazard: PiecewiseConstant) -> FollowedArm:
    """Entry truncated exponential, shape 0.1, over 14 months; Weibull losses, shape 2, 1 % by 25 months."""
    scale = math.sqrt(-math.log(0.99)) / 25.0

    def entered(calendar: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((1.0 - np.exp(-0.1 * np.clip(calendar, 0.0, 14.0))) / (1.0 - math.exp(-1.4)))

    return FollowedArm(patients, hazard, entered, lambda t: np.exp(-((scale * t) ** 2)), ((14.0,), ()))


def optimal_allocation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schoenfeld's events, the patients they take, the time to see them, power, and events of the reference arm."""
    rows = [_allocated(inputs, ratio) for ratio in inputs["HR"]]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _allocated(inputs: Mapping[str, Any], ratio: float) -> dict[str, float]:
    def by_ratio(name: str) -> float:
        bend, low, high = inputs[name]
        part = (ratio - 0.3) / 0.6
        return float(part * math.exp(bend * (ratio - 0.9)) * (high - low) + low)

    events = schoenfeld_events(ratio, power=0.9, alpha=0.025)
    patients, median, length = events / by_ratio("events_per_patient"), by_ratio("median"), by_ratio("accrual_time")
    shares, cuts = inputs["accrual_shares"], [length * cut for cut in inputs["accrual_cuts"]]
    rates = [share / width for share, width in zip(shares, np.diff([0.0, *cuts]), strict=True)]
    accrual, loss = PiecewiseConstant(tuple(cuts), (*rates, 0.0)), constant(0.05 * math.log(2.0) / median)
    sizes = (patients * (1.0 - inputs["p1"]), patients * inputs["p1"])
    reference, active = (
        followed_arm(n, rate_of_median(at), accrual=accrual, dropout=loss)
        for n, at in zip(sizes, (median, median / ratio), strict=True)
    )
    (time,) = analysis_times([(reference, active)], events)
    power = large_sample_power(log_rank_law([(reference, active)], time), alpha=0.025)
    return {"d": events, "n": patients, "total_time": time, "power": power, "events0": events_of([reference], time)}


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


def _uniform(inputs: Mapping[str, Any], allocation: float) -> Pair:
    accrual, loss = uniform_accrual(1.0, 6.0), rate_of_median(inputs["loss_median"])
    n = inputs["n_per_arm"]
    reference, active = (
        followed_arm(size, rate_of_median(inputs[f"{arm}_median"]), accrual=accrual, dropout=loss)
        for arm, size in (("control", n), ("active", n * allocation))
    )
    return reference, active


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

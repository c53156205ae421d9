"""Stratified Cox regression on the treatment alone, with Efron's or Breslow's handling of ties.

A competing event counts as censored at its time (cause-specific). `ties` is "efron" (Efron 1977) or "breslow";
`variance` is "model" (the information) or "robust" (Lin and Wei 1989), which holds when hazards are not proportional.
Estimates are NaN when the partial likelihood has no maximum (no event, one arm only, or every event at a time with
both arms at risk in the same arm).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method, always
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.ordering import EVENT, LAST_EVENT, latest_first
from jaksim.analysis.survival.cox_robust import robust_kernel
from jaksim.analysis.survival.days import by_day
from jaksim.analysis.survival.efron import reciprocal_sums
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

if TYPE_CHECKING:
    from jaksim.analysis.newton import Fit
    from jaksim.analysis.patients import Patients


ESTIMAND = "log hazard ratio of the event, active against reference, stratified Cox model"
MOST_STEPS = 60
LONGEST_STEP = 2.0
ROUGH, FINE = 1e-3, 1e-9
ROBUST = "robust"
BRESLOW, EFRON, MIDPOINT = 0, 1, 2


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    order, role = latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status))
    efron = options["ties"] == "efron"
    cox_kernel(tables, order, role, efron, out)
    if options["variance"] == ROBUST:
        days, position, status = by_day(endpoint.time, endpoint.status, competing=False)
        robust_kernel(tables, position, status, len(days), efron, out)


def adjusted(patients: Patients, options: Options, level: float, *, robust: bool) -> Fit:
    """The Cox model with covariates."""
    from jaksim.analysis.survival.cox_covariates import cox_covariates

    x, names = patients.design()
    return cox_covariates(
        patients.endpoint.time[patients.category],
        patients.endpoint.status[patients.category],
        x,
        names=names,
        stratum=patients.stratum,
        entry=patients.entry,
        ties=options["ties"],
        robust=robust,
        cluster=patients.cluster,
        weight=patients.weight,
        level=level,
    )


@kernel
def cox_kernel(tables: Any, order: Any, role: Any, efron: Any, out: Any) -> None:
    n_times = 0
    for i in range(role.shape[0]):
        n_times += role[i] == LAST_EVENT
    sets = np.empty((n_times * tables.shape[2], 4))
    for b in range(tables.shape[0]):
        n_sets = _risk_sets(tables[b], order, role, sets)
        _fit(sets[:n_sets], efron, out[b])


@inner
def _risk_sets(table: Any, order: Any, role: Any, sets: Any) -> Any:
    """Fill rows (at risk in reference and active arm, events in both) of the times that inform the ratio."""
    n_sets = 0
    for s in range(table.shape[1]):
        risk_0 = risk_1 = events_0 = events_1 = 0.0
        for i in range(order.shape[0]):
            count_0 = table[0, s, order[i]]
            count_1 = table[1, s, order[i]]
            risk_0 += count_0
            risk_1 += count_1
            if role[i] >= EVENT:
                events_0 += count_0
                events_1 += count_1
            if role[i] == LAST_EVENT:
                if risk_0 > 0.0 and risk_1 > 0.0 and events_0 + events_1 > 0.0:
                    sets[n_sets, 0] = risk_0
                    sets[n_sets, 1] = risk_1
                    sets[n_sets, 2] = events_0
                    sets[n_sets, 3] = events_1
                    n_sets += 1
                events_0 = events_1 = 0.0
    return n_sets


@inner
def _fit(sets: Any, efron: Any, out: Any) -> None:
    """Fill out (3,), Efron's likelihood being maximised from the maximum of a cheap one that is close to it."""
    out[:] = np.nan
    events_0 = events_1 = 0.0
    for i in range(sets.shape[0]):
        events_0 += sets[i, 2]
        events_1 += sets[i, 3]
    if events_0 <= 0.0 or events_1 <= 0.0:
        return
    if efron:
        start, _ = maximise(sets, MIDPOINT, 0.0, ROUGH)
        beta, information = maximise(sets, EFRON, start, FINE)
    else:
        beta, information = maximise(sets, BRESLOW, 0.0, FINE)
    if information > 0.0:
        out[0] = beta
        out[1] = 1.0 / math.sqrt(information)
        out[2] = beta * math.sqrt(information)


@inner
def maximise(sets: Any, ties: Any, beta: Any, tolerance: Any) -> Any:
    """Newton's method kept inside the interval known to hold the maximum; returns it and the information, NaN if lost.

    The last step, shorter than `tolerance`, is taken; convergence is quadratic.
    """
    low = -np.inf
    high = np.inf
    for _ in range(MOST_STEPS):
        score, information = _score(sets, math.exp(beta), ties)
        if not information > 0.0:
            break
        step = score / information
        if abs(step) < tolerance:
            return beta + step, information
        if score > 0.0:
            low = beta
        else:
            high = beta
        beta += min(max(step, -LONGEST_STEP), LONGEST_STEP)
        if beta <= low or beta >= high:
            beta = 0.5 * (low + high)
    return 0.0, np.nan


@inner
def _score(sets: Any, ratio: Any, ties: Any) -> Any:
    """Score and information of the log hazard ratio at `ratio`.

    Under Efron the l-th of d tied events, l = 0 .. d-1, falls in the active arm with probability
    (A - a l/d) / (S - D l/d), where S and A are the weights at risk in both arms and in the active arm, D and a those
    of the events. That is share + slope / (top - l) with share = a/D, top = d S/D and slope = (A - share S) d/D.
    Breslow takes l = 0 for all events, MIDPOINT l = (d-1)/2.
    """
    score = 0.0
    information = 0.0
    for i in range(sets.shape[0]):
        events = sets[i, 2] + sets[i, 3]
        active = sets[i, 1] * ratio
        weight = sets[i, 0] + active
        event_active = sets[i, 3] * ratio
        event_weight = sets[i, 2] + event_active
        score += sets[i, 3]
        if ties == EFRON and events != 1.0:
            share = event_active / event_weight
            slope = (active - share * weight) * events / event_weight
            first, second = reciprocal_sums(events * weight / event_weight, events)
            score -= events * share + slope * first
            information += events * share * (1.0 - share) + slope * ((1.0 - 2.0 * share) * first - slope * second)
        else:
            past = 0.5 * (events - 1.0) / events if ties == MIDPOINT and events > 1.0 else 0.0
            p = (active - past * event_active) / (weight - past * event_weight)
            score -= events * p
            information += events * p * (1.0 - p)
    return score, information


METHOD = Method(
    name="cox",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    of_one_stratum="log hazard ratio of the event, active against reference, Cox model",
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="Cox model",
    ratio_name="hazard_ratio",
    options=(
        Key("ties", "text", "handling of tied event times: efron or breslow", "efron", ("efron", "breslow")),
        Key(
            "variance",
            "text",
            "variance: model, or robust to hazards that are not proportional",
            "model",
            ("model", ROBUST),
        ),
    ),
    main=("time_to_event",),
    adjusted=adjusted,
    robust=True,
    nuisance={"time_to_event": EVENTS},
    late_entry=("counts", "adjusted"),
    weighted=True,
    within_strata=always,
    about=__doc__,
)

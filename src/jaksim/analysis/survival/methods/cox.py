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
from jaksim.analysis.survival.cox_likelihood import (
    EVENTS_0,
    EVENTS_1,
    FINE,
    PAST,
    RISK_0,
    RISK_1,
    ROUGH,
    TIED,
    maximise,
)
from jaksim.analysis.survival.cox_robust import robust_kernel
from jaksim.analysis.survival.days import by_day
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

if TYPE_CHECKING:
    from jaksim.analysis.newton import Fit
    from jaksim.analysis.patients import Patients


ESTIMAND = "log hazard ratio of the event, active against reference, stratified Cox model"
ROBUST = "robust"


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
    sets = np.empty((6, n_times * tables.shape[2]))
    terms = np.empty((7, n_times * tables.shape[2]))
    for b in range(tables.shape[0]):
        n_sets = _risk_sets(tables[b], order, role, efron, sets)
        _fit(sets, n_sets, efron, terms, out[b])


@inner
def _risk_sets(table: Any, order: Any, role: Any, efron: Any, sets: Any) -> Any:
    """Fill columns of the times that inform the ratio, see `jaksim.analysis.survival.cox_likelihood`; their number."""
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
                events = events_0 + events_1
                if risk_0 > 0.0 and risk_1 > 0.0 and events > 0.0:
                    sets[RISK_0, n_sets] = risk_0
                    sets[RISK_1, n_sets] = risk_1
                    sets[EVENTS_0, n_sets] = events_0
                    sets[EVENTS_1, n_sets] = events_1
                    sets[TIED, n_sets] = events
                    sets[PAST, n_sets] = 0.5 * (events - 1.0) / events if efron and events > 1.0 else 0.0
                    n_sets += 1
                events_0 = events_1 = 0.0
    return n_sets


@inner
def _fit(sets: Any, n: Any, efron: Any, terms: Any, out: Any) -> None:
    """Fill out (3,), Efron's likelihood being maximised from the maximum of a cheap one that is close to it."""
    out[:] = np.nan
    events_0 = events_1 = 0.0
    for i in range(n):
        events_0 += sets[EVENTS_0, i]
        events_1 += sets[EVENTS_1, i]
    if events_0 <= 0.0 or events_1 <= 0.0:
        return
    beta, information = maximise(sets, n, n < 0, 0.0, ROUGH if efron else FINE, terms)
    if efron:
        beta, information = maximise(sets, n, n >= 0, beta, FINE, terms)
    if information > 0.0:
        out[0] = beta
        out[1] = 1.0 / math.sqrt(information)
        out[2] = beta * math.sqrt(information)


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

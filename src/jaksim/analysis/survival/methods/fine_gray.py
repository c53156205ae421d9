"""Stratified Fine-Gray regression of the subdistribution hazard on the treatment alone.

After a competing event a patient stays at risk with the weight G(t-) / G(u-), G the Kaplan-Meier estimate of not being
censored, both arms of a stratum together; with censoring at the end only this is a Cox model. Ties are Breslow's. The
standard error is that of Fine and Gray (1999, JASA 94:496), which allows for the estimation of G. Events of a day come
before its censorings (Geskus 2011; survival::finegray); `censoring` "cmprsk" keeps them at risk of censoring, as
cmprsk::crr does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method, always
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.cox_likelihood import EVENTS_0, EVENTS_1, FINE, PAST, RISK_0, RISK_1, TIED, maximise
from jaksim.analysis.survival.days import CENSORED, COMPETING, EVENT, by_day, lay_out
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

ESTIMAND = "log subdistribution hazard ratio of the event, active against reference, stratified Fine-Gray model"
EVENTS_FIRST, AS_CMPRSK = "events_first", "cmprsk"
CENSORING_FREE, KEPT_0, KEPT_1, MEAN, HAZARD, INFLUENCE = range(6)


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    days, position, status = by_day(endpoint.time, endpoint.status, competing=True)
    fine_gray_kernel(tables, position, status, days.shape[0], options["censoring"] == EVENTS_FIRST, out)


@kernel
def fine_gray_kernel(tables: Any, position: Any, status: Any, n_days: Any, events_first: Any, out: Any) -> None:
    n_strata = tables.shape[2]
    counts = np.empty((n_strata, 2, 3, n_days))
    risk = np.empty((n_strata, 2, n_days + 1))
    sets = np.empty((6, n_strata * n_days + 1))
    terms = np.empty((7, n_strata * n_days + 1))
    work = np.empty((6, n_days))
    for b in range(tables.shape[0]):
        n_sets = 0
        events_0 = events_1 = 0.0
        for s in range(n_strata):
            for arm in range(2):
                lay_out(tables[b, arm, s : s + 1], position, status, counts[s, arm], risk[s, arm])
            keep_at_risk(counts[s], risk[s], events_first, work)
            for t in range(n_days):
                here = sets[:, n_sets]
                for arm in range(2):
                    here[RISK_0 + arm] = risk[s, arm, t] + work[CENSORING_FREE, t] * work[KEPT_0 + arm, t]
                    here[EVENTS_0 + arm] = counts[s, arm, EVENT, t]
                here[TIED] = here[EVENTS_0] + here[EVENTS_1]
                here[PAST] = 0.0
                if here[RISK_0] > 0.0 and here[RISK_1] > 0.0 and here[TIED] > 0.0:
                    events_0 += here[EVENTS_0]
                    events_1 += here[EVENTS_1]
                    n_sets += 1
        out[b, :] = np.nan
        if events_0 > 0.0 and events_1 > 0.0:
            beta, information = maximise(sets, n_sets, n_sets < 0, 0.0, FINE, terms)
            if information > 0.0:
                spread = 0.0
                for s in range(n_strata):
                    keep_at_risk(counts[s], risk[s], events_first, work)
                    spread += _spread(counts[s], risk[s], np.exp(beta), events_first, work)
                out[b, 0] = beta
                out[b, 1] = np.sqrt(spread) / information
                out[b, 2] = beta / out[b, 1] if spread > 0.0 else np.nan


@inner
def keep_at_risk(counts: Any, risk: Any, events_first: Any, work: Any) -> None:
    """Fill G(t-) and, per arm, the sum over earlier competing events of 1 / G(u-)."""
    free = 1.0
    kept_0 = kept_1 = 0.0
    for t in range(counts.shape[2]):
        work[CENSORING_FREE, t] = free
        work[KEPT_0, t] = kept_0
        work[KEPT_1, t] = kept_1
        if free > 0.0:
            kept_0 += counts[0, COMPETING, t] / free
            kept_1 += counts[1, COMPETING, t] / free
            lost = counts[0, CENSORED, t] + counts[1, CENSORED, t]
            if lost > 0.0:
                free *= max(0.0, 1.0 - lost / _exposed(counts, risk, t, events_first))


@inner
def _exposed(counts: Any, risk: Any, t: Any, events_first: Any) -> Any:
    """Patients at risk of being censored on a day."""
    if events_first:
        return risk[0, t + 1] + risk[1, t + 1] + counts[0, CENSORED, t] + counts[1, CENSORED, t]
    return risk[0, t] + risk[1, t]


@inner
def _spread(counts: Any, risk: Any, ratio: Any, events_first: Any, work: Any) -> Any:
    """Sum over patients of their squared influence on the score: eta + psi of Fine and Gray (1999, equation 8)."""
    n_days = counts.shape[2]
    for t in range(n_days):
        at_risk_0 = risk[0, t] + work[CENSORING_FREE, t] * work[KEPT_0, t]
        at_risk_1 = (risk[1, t] + work[CENSORING_FREE, t] * work[KEPT_1, t]) * ratio
        total = at_risk_0 + at_risk_1
        work[MEAN, t] = at_risk_1 / total if total > 0.0 else 0.0
        work[HAZARD, t] = (counts[0, EVENT, t] + counts[1, EVENT, t]) / total if total > 0.0 else 0.0
    ahead_0 = ahead_1 = 0.0
    for t in range(n_days - 1, -1, -1):
        later = work[CENSORING_FREE, t] * work[HAZARD, t]
        ahead_0 -= work[MEAN, t] * later
        ahead_1 += (1.0 - work[MEAN, t]) * later
        work[INFLUENCE, t] = work[KEPT_0, t] * ahead_0 + work[KEPT_1, t] * ratio * ahead_1
    spread = 0.0
    for arm in range(2):
        weight = ratio if arm == 1 else 1.0
        beyond = weight * (ahead_1 if arm == 1 else ahead_0)
        past = 0.0
        drift = 0.0
        for t in range(n_days):
            free = work[CENSORING_FREE, t]
            residual = arm - work[MEAN, t]
            past += weight * residual * work[HAZARD, t]
            beyond -= weight * residual * free * work[HAZARD, t]
            lost = counts[0, CENSORED, t] + counts[1, CENSORED, t]
            exposed = _exposed(counts, risk, t, events_first)
            step = work[INFLUENCE, t] * lost / exposed**2 if lost > 0.0 else 0.0
            before = drift
            drift += step
            others = before if events_first else drift
            own = work[INFLUENCE, t] / exposed if lost > 0.0 else 0.0
            spread += counts[arm, CENSORED, t] * (own - past - drift) ** 2
            spread += counts[arm, EVENT, t] * (residual - past - others) ** 2
            if counts[arm, COMPETING, t] > 0.0 and free > 0.0:
                spread += counts[arm, COMPETING, t] * (-past - beyond / free - others) ** 2
    return spread


METHOD = Method(
    name="fine_gray",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    of_one_stratum="log subdistribution hazard ratio of the event, active against reference, Fine-Gray model",
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="Fine-Gray model",
    ratio_name="subdistribution_hazard_ratio",
    options=(
        Key(
            "censoring",
            "text",
            "ties of events and censorings: events_first, or cmprsk as cmprsk::crr",
            EVENTS_FIRST,
            (EVENTS_FIRST, AS_CMPRSK),
        ),
    ),
    nuisance={"time_to_event": EVENTS},
    within_strata=always,
    competing=True,
    about=__doc__,
)

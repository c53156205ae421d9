"""The partial likelihood of the log hazard ratio over sets of patients at risk, and its maximum.

What a set says is worked out for all sets in vector instructions, then added up set by set, in their order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.survival.efron import (
    ASYMPTOTIC_FROM,
    LOOP_UP_TO,
    NEAR,
    asymptotic_first,
    asymptotic_second,
    log_ratio_near,
    reciprocal_sums,
)
from jaksim.kernel.jit import inner

MOST_STEPS = 60
LONGEST_STEP = 2.0
ROUGH, FINE = 1e-3, 1e-9
RISK_0, RISK_1, EVENTS_0, EVENTS_1, TIED, PAST = range(6)
"""Rows of the sets: at risk in both arms, events in both, together, and the share of them that has left the risk set.

That share is 0 for all events at a time under Breslow, and (d - 1) / 2d of d in the middle.
"""
SCORE, INFORMATION, SHARE, SLOPE, TOP, LOWER, Q = range(7)
"""Rows of the terms."""


@inner
def maximise(sets: Any, n: Any, efron: Any, beta: Any, tolerance: Any, terms: Any) -> Any:
    """Newton's method kept inside the interval known to hold the maximum; returns it and the information, NaN if lost.

    Over the first n of `sets` (6, N), with Efron's likelihood or that of events whose `PAST` share has left; `terms`
    (7, N) is scratch. The last step, shorter than `tolerance`, is taken; convergence is quadratic.
    """
    low = -np.inf
    high = np.inf
    for _ in range(MOST_STEPS):
        ratio = math.exp(beta)
        if efron:
            score, information = _efron(sets, n, ratio, terms)
        else:
            score, information = _at_once(sets, n, ratio, terms)
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
def _at_once(sets: Any, n: Any, ratio: Any, terms: Any) -> Any:
    """Score and information where all events of a set fall in the active arm with the same probability."""
    for i in range(np.uint64(n)):  # an index that cannot be negative lets the loop be vectorised
        event_active = sets[EVENTS_1, i] * ratio
        active = sets[RISK_1, i] * ratio
        past = sets[PAST, i]
        p = (active - past * event_active) / (sets[RISK_0, i] + active - past * (sets[EVENTS_0, i] + event_active))
        terms[SCORE, i] = sets[TIED, i] * p
        terms[INFORMATION, i] = sets[TIED, i] * p * (1.0 - p)
    score = 0.0
    information = 0.0
    for i in range(n):
        score += sets[EVENTS_1, i]
        score -= terms[SCORE, i]
        information += terms[INFORMATION, i]
    return score, information


@inner
def _efron(sets: Any, n: Any, ratio: Any, terms: Any) -> Any:
    """Score and information under Efron.

    The l-th of d tied events, l = 0 .. d-1, falls in the active arm with probability (A - a l/d) / (S - D l/d), where S
    and A are the weights at risk in both arms and in the active arm, D and a those of the events. That is share +
    slope / (top - l) with share = a/D, top = d S/D and slope = (A - share S) d/D. The terms of a set are those of sums
    of reciprocals in the asymptotic range; the few others are worked out one by one.
    """
    for i in range(np.uint64(n)):
        events = sets[TIED, i]
        active = sets[RISK_1, i] * ratio
        weight = sets[RISK_0, i] + active
        event_active = sets[EVENTS_1, i] * ratio
        event_weight = sets[EVENTS_0, i] + event_active
        share = event_active / event_weight
        slope = (active - share * weight) * events / event_weight
        top = events * weight / event_weight
        upper = top + 0.5
        lower = top - events + 0.5
        a = 1.0 / upper
        b = 1.0 / lower
        q = (upper - lower) / (upper + lower)
        first = 0.0 + asymptotic_first(log_ratio_near(q), a, b)
        second = 0.0 + asymptotic_second(upper, lower, a, b)
        terms[SCORE, i] = events * share + slope * first
        terms[INFORMATION, i] = events * share * (1.0 - share) + slope * ((1.0 - 2.0 * share) * first - slope * second)
        terms[SHARE, i] = share
        terms[SLOPE, i] = slope
        terms[TOP, i] = top
        terms[LOWER, i] = lower
        terms[Q, i] = q
    score = 0.0
    information = 0.0
    for i in range(n):
        events = sets[TIED, i]
        score += sets[EVENTS_1, i]
        if events > LOOP_UP_TO and terms[LOWER, i] >= ASYMPTOTIC_FROM and abs(terms[Q, i]) <= NEAR:
            score -= terms[SCORE, i]
            information += terms[INFORMATION, i]
        elif events != 1.0:
            share, slope = terms[SHARE, i], terms[SLOPE, i]
            first, second = reciprocal_sums(terms[TOP, i], events)
            score -= events * share + slope * first
            information += events * share * (1.0 - share) + slope * ((1.0 - 2.0 * share) * first - slope * second)
        else:
            active = sets[RISK_1, i] * ratio
            p = active / (sets[RISK_0, i] + active)
            score -= p
            information += p * (1.0 - p)
    return score, information

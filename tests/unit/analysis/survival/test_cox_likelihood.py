"""The likelihood in vector instructions has the bits of the plain one, set by set."""

import math

import numpy as np
import pytest

from jaksim.analysis.ordering import EVENT, LAST_EVENT, latest_first
from jaksim.analysis.survival.efron import digamma_difference
from jaksim.analysis.survival.methods.cox import cox_kernel

DAYS = 14
TIME, STATUS = np.tile(np.arange(1.0, DAYS + 1.0), 2), np.repeat([1, 0], DAYS).astype(np.int8)
ORDER = latest_first(TIME, STATUS)
EFRON, BRESLOW, MIDPOINT = range(3)


def sets_of(table):
    """At risk and events in both arms at each time, added up from the latest to the earliest."""
    for stratum in range(table.shape[1]):
        risk, events = [0.0, 0.0], [0.0, 0.0]
        for category, role in zip(*ORDER, strict=True):
            for arm in range(2):
                risk[arm] += float(table[arm, stratum, category])
                events[arm] += float(table[arm, stratum, category]) if role >= EVENT else 0.0
            if role == LAST_EVENT:
                if min(risk) > 0.0 and sum(events) > 0.0:
                    yield (*risk, *events)
                events = [0.0, 0.0]


def reciprocals(top, ties):
    if ties <= 4.0 and ties == math.floor(ties):
        each = [1.0 / (top - j) for j in range(int(ties))]
        return sum(each), sum(one * one for one in each)
    return digamma_difference(top, ties)


def plain_score(sets, ratio, ties):
    score = information = 0.0
    for risk_0, risk_1, events_0, events_1 in sets:
        events, active, event_active = events_0 + events_1, risk_1 * ratio, events_1 * ratio
        weight, event_weight = risk_0 + active, events_0 + event_active
        score += events_1
        if ties == EFRON and events != 1.0:
            share = event_active / event_weight
            slope = (active - share * weight) * events / event_weight
            first, second = reciprocals(events * weight / event_weight, events)
            score -= events * share + slope * first
            information += events * share * (1.0 - share) + slope * ((1.0 - 2.0 * share) * first - slope * second)
        else:
            past = 0.5 * (events - 1.0) / events if ties == MIDPOINT and events > 1.0 else 0.0
            p = (active - past * event_active) / (weight - past * event_weight)
            score -= events * p
            information += events * p * (1.0 - p)
    return score, information


def plain_maximum(sets, ties, beta, tolerance):
    low, high = -math.inf, math.inf
    for _ in range(60):
        score, information = plain_score(sets, math.exp(beta), ties)
        if not information > 0.0:
            break
        step = score / information
        if abs(step) < tolerance:
            return beta + step, information
        low, high = (beta, high) if score > 0.0 else (low, beta)
        beta += min(max(step, -2.0), 2.0)
        if beta <= low or beta >= high:
            beta = 0.5 * (low + high)
    return 0.0, math.nan


def plain_fit(table, efron):
    sets = list(sets_of(table))
    if not sets or not all(sum(one[2 + arm] for one in sets) > 0.0 for arm in range(2)):
        return [math.nan] * 3
    if efron:
        beta, information = plain_maximum(sets, EFRON, plain_maximum(sets, MIDPOINT, 0.0, 1e-3)[0], 1e-9)
    else:
        beta, information = plain_maximum(sets, BRESLOW, 0.0, 1e-9)
    if not information > 0.0:
        return [math.nan] * 3
    return [beta, 1.0 / math.sqrt(information), beta * math.sqrt(information)]


@pytest.mark.parametrize("efron", [True, False])
@pytest.mark.parametrize("per_cell", [2, 20, 150, 3_000])
def test_the_fit_has_the_bits_of_the_plain_one(per_cell, efron):
    """Days without, with one, few and many events, whole and not, one arm without events, risk sets of two patients."""
    rng = np.random.default_rng(per_cell)
    laws = rng.dirichlet(np.full(2 * DAYS, 0.5), size=(30, 2, 3))
    tables = np.array([[[rng.multinomial(per_cell, law) for law in arm] for arm in one] for one in laws], dtype=float)
    tables[20:] *= rng.uniform(0.2, 1.5, (10, 1, 1, 1))
    tables[5, 0, :, :DAYS] = 0.0
    out = np.empty((30, 3))
    cox_kernel(tables, *ORDER, efron, out)
    expected = np.array([plain_fit(table, efron) for table in tables])
    assert np.array_equal(out, expected, equal_nan=True)
    assert np.isfinite(out).all(axis=1).sum() > 15

"""What the one-step estimate of a weighted log-rank test is the first step to: where its score is zero.

U / V is one step of Newton's method from no effect. It is close to the end of the iteration for ratios near 1 and arms
that stay of like size, and far from it otherwise: with 4 patients against 150, 2e-9 for a hazard ratio of 0.025.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Tables
from jaksim.analysis.survival.days import by_day
from jaksim.analysis.survival.weighted_scores import MODEST_DAY, weight_of_day
from jaksim.arrays import Floats, Integers

COX: Final = "Cox model"
SAME_WEIGHTS: Final = "same weights, iterated"
UNWEIGHTED: Final = ()
RANGE: Final = 0.05
WIDEST: Final = 40.0
"""Log ratios beyond are infinite."""
MOST_STEPS: Final = 100
LONGEST_STEP: Final = 2.0
FINE: Final = 1e-11
ASYMPTOTIC_FROM: Final = 10

# Compiled it can be called from kernels only.
_WEIGHT: Final[Callable[..., float]] = weight_of_day.py_func  # type: ignore[attr-defined]


def iterated_log_ratio(tables: Tables, endpoint: CategoryMeanings, weight: tuple[float, ...] = UNWEIGHTED) -> Floats:
    """Log hazard ratio (B,) at which the score of every table (B, 2, S, K) is zero, with Efron's handling of ties.

    Unweighted it is that of the stratified Cox model. `weight` is a family and its two parameters as `weighted_scores`
    has them. Infinite, or NaN, where events at times with both arms at risk are in one arm, or in none.
    """
    days, position, status = by_day(endpoint.time, endpoint.status, competing=False)
    return np.array([_root(*_risk_sets(table, days, position, status, weight)) for table in tables])


def near(one_step: float, iterated: float) -> bool:
    """Whether a one-step estimate is where its iteration ends, but for 5 % of the ratio."""
    return abs(one_step - iterated) <= RANGE


def _risk_sets(
    table: Floats, days: Floats, position: Integers, status: Integers, weight: tuple[float, ...]
) -> tuple[Floats, Floats, Floats]:
    """Patients at risk (2, N) and events (2, N) of the times that inform the ratio, and the weights (N,) of these."""
    known = position >= 0
    place = np.where(status[known] == 1, 0, len(days)) + position[known]
    rows: list[tuple[Floats, Floats, Floats]] = []
    for stratum in np.moveaxis(table[..., known], 1, 0):
        counts: Floats = np.stack([np.bincount(place, arm, minlength=2 * len(days)) for arm in stratum])
        events = counts[:, : len(days)]
        leaving = events + counts[:, len(days) :]
        risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
        of_days = _weights(weight, days, events.sum(axis=0), risk.sum(axis=0))
        use = (risk > 0.0).all(axis=0) & (events.sum(axis=0) > 0.0)
        rows.append((risk[:, use], events[:, use], of_days[use]))
    risks, found, weights = zip(*rows, strict=True)
    return np.concatenate(risks, axis=1), np.concatenate(found, axis=1), np.concatenate(weights)


def _weights(weight: tuple[float, ...], days: Floats, events: Floats, at_risk: Floats) -> Floats:
    """Weights of the days of a stratum, 0 on those without events."""
    if not weight:
        return np.ones(len(days))
    family, floor = (*weight, 0.0, 0.0)[:3], weight[1]
    share = np.divide(events, at_risk, out=np.zeros(len(days)), where=at_risk > 0.0)
    free = np.concatenate([[1.0], np.cumprod(1.0 - share)])
    if family[0] == MODEST_DAY:
        floor = float(free[np.searchsorted(days, family[1], side="right")])
    peto = np.cumprod(1.0 - events / (at_risk + 1.0))
    rows = zip(free.tolist(), peto.tolist(), at_risk.tolist(), strict=False)
    return np.array([_WEIGHT(family, floor, *row) if d > 0.0 else 0.0 for row, d in zip(rows, events, strict=True)])


def _root(risk: Floats, events: Floats, weights: Floats) -> float:
    """The log ratio at which the weighted sum of observed less expected events is zero."""
    both, own = events.sum(axis=0), (weights * events).sum(axis=1)
    if not (own > 0.0).any():
        return np.nan
    if not (own > 0.0).all():
        return np.inf if own[1] > 0.0 else -np.inf
    low, high, at = -WIDEST, WIDEST, 0.0
    tied = np.flatnonzero(both != 1.0)
    for _ in range(MOST_STEPS):
        ratio = np.exp(at)
        active, total = risk[1] * ratio, risk[0] + risk[1] * ratio
        share, of_events = events[1] * ratio, events[0] + events[1] * ratio
        share /= of_events
        top = both * total / of_events
        reciprocals = 1.0 / top
        reciprocals[tied] = _reciprocals(top[tied], both[tied])
        expected = both * share + (active - share * total) * both / of_events * reciprocals
        score = float(weights @ (events[1] - expected))
        low, high = (at, high) if score > 0.0 else (low, at)
        # Breslow's information, close to Efron's: each step leaves a small part of the distance.
        step = score / float(weights @ (both * active * risk[0] / (total * total)))
        at = at + min(max(step, -LONGEST_STEP), LONGEST_STEP)
        if abs(step) < FINE:
            break
        if not low < at < high:
            at = 0.5 * (low + high)
    return at


def _reciprocals(top: Floats, ties: Floats) -> Floats:
    """Sum over l = 0 .. ties - 1 of 1 / (top - l), as psi(top + 1) - psi(top - ties + 1) for any number of ties."""
    found = np.zeros(len(top))
    ends = []
    for x, sign in ((top - ties + 0.5, 1.0), (top + 0.5, -1.0)):
        for _ in range(ASYMPTOTIC_FROM):
            small = x < ASYMPTOTIC_FROM
            found += np.where(small, sign / (x + 0.5), 0.0)
            x = np.where(small, x + 1.0, x)
        ends.append(x)
    lower, upper = ends
    return found + np.log(upper / lower) + _psi_tail(upper) - _psi_tail(lower)


def _psi_tail(x: Floats) -> Floats:
    """psi(x + 1/2) - log(x) for large x (Abramowitz and Stegun 6.3.18, shifted by a half)."""
    w = 1.0 / (x * x)
    return w * (1 / 24 + w * (-7 / 960 + w * (31 / 8064 + w * (-127 / 30720))))

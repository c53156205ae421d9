"""Expected numbers of patients and events in a trial whose patients enter over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.root import root

LATEST = 1e6


def event_probability(hazard: PiecewiseConstant, dropout: PiecewiseConstant, time: float) -> float:
    """Probability of an event seen within `time` of entry; patients leave at the rate `dropout` before it."""
    edges = sorted({0.0, *(cut for cut in (*hazard.cuts, *dropout.cuts) if cut < time), time})
    probability, present = 0.0, 1.0
    for start, end in pairwise(edges):
        event = float(hazard(start))
        leaving = event + float(dropout(start))
        if leaving > 0.0:
            stay = math.exp(-leaving * (end - start))
            probability += present * (1.0 - stay) * event / leaving
            present *= stay
    return probability


def expected_events(
    accrual: PiecewiseConstant, probability: Callable[[float], float], time: float, *, bends: Sequence[float] = ()
) -> float:
    """Events expected by calendar `time` when patients enter at the rate `accrual`, the first at time 0.

    `probability` of an event by a time since entry; `bends`, times since entry at which its slope jumps.
    """
    edges = {0.0, time, *(cut for cut in accrual.cuts if cut < time), *(time - bend for bend in bends if bend < time)}
    from scipy.integrate import quad

    points = sorted(edges)
    total = 0.0
    for start, end in pairwise(points):
        rate = float(accrual(start))
        if rate > 0.0:
            total += rate * float(quad(lambda entry: probability(time - entry), start, end, epsabs=1e-12)[0])
    return total


def time_of_events(events: float, expected: Callable[[float], float]) -> float:
    """Calendar time at which `expected` reaches so many events; InputError when it never does."""
    last = 1.0
    while expected(last) < events:
        last *= 2.0
        if last > LATEST:
            raise InputError("so many events are never expected", where="events", got=events)
    return root(lambda time: expected(time) - events, 0.0, last)

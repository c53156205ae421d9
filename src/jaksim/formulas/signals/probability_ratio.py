"""Wald's sequential probability ratio test of a rate ratio."""

from __future__ import annotations

import math
from typing import NamedTuple


class Verdict(NamedTuple):
    """Log likelihood ratio of a rate ratio against 1, with the limits at which the test stops, and what it says."""

    log_ratio: float
    lower: float
    upper: float
    decision: str


GOES_ON, SIGNAL, NO_SIGNAL = "goes on", "signal", "no signal"


def verdict(log_ratio: float, alpha: float, beta: float) -> Verdict:
    """What Wald's limits say of a log likelihood ratio. Source: Wald (1945), Ann Math Stat 16:117."""
    lower, upper = math.log(beta / (1.0 - alpha)), math.log((1.0 - beta) / alpha)
    decision = SIGNAL if log_ratio >= upper else NO_SIGNAL if log_ratio <= lower else GOES_ON
    return Verdict(log_ratio, lower, upper, decision)


def of_poisson(events: int, expected: float, ratio: float) -> float:
    """Log likelihood ratio of events with `ratio` times the expected number against as many as expected."""
    return events * math.log(ratio) - (ratio - 1.0) * expected


def of_binomial(events: int, others: int, odds: float, ratio: float) -> float:
    """The same of the events in one arm, given all of them; `odds` of an event there under equal rates."""
    share, null = ratio * odds / (1.0 + ratio * odds), odds / (1.0 + odds)
    return events * math.log(share / null) + others * math.log((1.0 - share) / (1.0 - null))

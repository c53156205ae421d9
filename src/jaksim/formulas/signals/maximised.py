"""The maximised sequential probability ratio test, watched after each event: exact critical values and power.

Source: Kulldorff et al. (2011), Sequential Analysis 30:58. The test signals when the log likelihood ratio, maximised
over the rate ratios above 1, reaches a critical value, until a planned number of events.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import gammainc, gammaln, lambertw, xlogy

from jaksim.arrays import Booleans, Floats
from jaksim.root import root

_HIGHEST = 50.0


class Performance(NamedTuple):
    """Probability of a signal, expected number (of events, or expected ones) at it, and when watching ends."""

    power: float
    at_signal: float
    at_end: float


def poisson_log_ratio(events: int, expected: float) -> float:
    """Maximised log likelihood ratio of events against an expected number."""
    if events <= expected:
        return 0.0
    return events * math.log(events / expected) - (events - expected)


def binomial_log_ratio(events: int, others: int, odds: float) -> float:
    """Maximised log likelihood ratio of the events in an arm, given all; `odds` of one there under equal rates."""
    total, null = events + others, odds / (1.0 + odds)
    if not total or events / total <= null:
        return 0.0
    found = events * math.log(events / total / null)
    return found + (others * math.log(others / total / (1.0 - null)) if others else 0.0)


def poisson_times(critical: float, most: float) -> Floats:
    """Expected numbers (n,), up to `most`, until which event number 1, 2, ... makes a signal."""
    times: list[float] = []
    while not times or times[-1] < most:
        events = len(times) + 1
        if poisson_log_ratio(events, most) >= critical:
            times.append(most)
            break
        # t with n log(n / t) - n + t = c, by the principal branch of Lambert's function.
        times.append(-events * float(lambertw(-math.exp(-1.0 - critical / events)).real))
    found: Floats = np.minimum(np.array(times), most)
    return found


def poisson_performance(critical: float, most: float, ratio: float) -> Performance:
    """Of watching a Poisson process with `ratio` times the rate until so many events are expected."""
    times = poisson_times(critical, most)
    edges = np.concatenate([[0.0], times])
    n = len(times)
    still = np.zeros(n + 1)  # by number of events, of those without a signal
    still[0], power, at_signal = 1.0, 0.0, 0.0
    for number in range(1, n + 1):
        length = ratio * (edges[number] - edges[number - 1])
        # Signals before the next time come with the event that makes `number` of them.
        left, missing = still[:number], number - np.arange(number)
        more = np.arange(number)
        law = np.exp(xlogy(more, length) - length - gammaln(more + 1))
        signalled = left * gammainc(missing, length)
        power += float(signalled.sum())
        at_signal += float(edges[number - 1] * signalled.sum())
        at_signal += float(left @ (missing / ratio * gammainc(missing + 1, length)))
        still = np.zeros(n + 1)
        still[:number] = np.convolve(left, law)[:number]
    return Performance(power, at_signal / power if power else math.nan, at_signal + most * float(still.sum()))


def poisson_critical(alpha: float, most: float) -> float:
    """Critical value at which a signal comes with probability `alpha` under the known rate."""
    return root(lambda value: poisson_performance(value, most, 1.0).power - alpha, 1e-3, _HIGHEST)


def binomial_performance(critical: float, most: int, odds: float, ratio: float) -> Performance:
    """Of watching each event, up to `most`, with `ratio` times the rate in one arm."""
    share = ratio * odds / (1.0 + ratio * odds)
    still = np.array([1.0])
    power = at_signal = 0.0
    for total in range(1, most + 1):
        after = np.zeros(total + 1)
        after[1:] += share * still
        after[:-1] += (1.0 - share) * still
        stops = _stopping(critical, total, odds)
        signalled = float(after[stops].sum())
        power, at_signal = power + signalled, at_signal + total * signalled
        after[stops] = 0.0
        still = after
    return Performance(power, at_signal / power if power else math.nan, at_signal + most * float(still.sum()))


def binomial_critical(alpha: float, most: int, odds: float) -> float:
    """Smallest value of the test statistic at which a signal comes with probability `alpha` at most, under equal
    rates; infinite where that is true of none.
    """
    values = sorted(
        {
            round(binomial_log_ratio(events, total - events, odds), 12)
            for total in range(1, most + 1)
            for events in range(total + 1)
        }
        - {0.0}
    )
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if binomial_performance(values[middle] - 1e-9, most, odds, 1.0).power <= alpha:
            high = middle
        else:
            low = middle + 1
    return values[low] if low < len(values) else math.inf


def _stopping(critical: float, total: int, odds: float) -> Booleans:
    return np.array([binomial_log_ratio(events, total - events, odds) >= critical for events in range(total + 1)])

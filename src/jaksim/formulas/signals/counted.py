"""Events counted so far, against a known rate or against another arm: exact estimate, interval, p value, posterior."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betainc, betaincinv, gammainc, gammaincc, gammaincinv

from jaksim.errors import InputError

PRIOR_SHAPE = 0.5
"""Shape of the gamma prior of a rate, that of Jeffreys, which weighs half an event and no exposure."""


@dataclass(frozen=True)
class Evidence:
    """What the counts say of the rate ratio: estimate, exact interval, one-sided p value for more events, posterior.

    `greater` is the posterior probability that the ratio is above 1 and `beyond` that it is above the one looked for.
    """

    estimate: float
    interval: tuple[float, float]
    p_value: float
    median: float
    posterior_interval: tuple[float, float]
    greater: float
    beyond: float


def against_expected(events: int, expected: float, ratio: float, level: float) -> Evidence:
    """Poisson events against an expected number that is known without error.

    Sources: Garwood (1936), Biometrika 28:437 (interval); posterior under the prior of Jeffreys.
    """
    tail = 0.5 * (1.0 - level)
    low = float(gammaincinv(events, tail)) if events else 0.0
    shape = events + PRIOR_SHAPE

    def above(value: float) -> float:
        return float(gammaincc(shape, value * expected))

    def point(probability: float) -> float:
        return float(gammaincinv(shape, probability)) / expected

    return Evidence(
        estimate=events / expected,
        interval=(low / expected, float(gammaincinv(events + 1, 1.0 - tail)) / expected),
        p_value=float(gammainc(events, expected)) if events else 1.0,
        median=point(0.5),
        posterior_interval=(point(tail), point(1.0 - tail)),
        greater=above(1.0),
        beyond=above(ratio),
    )


def against_control(events: int, exposure: float, others: int, other: float, ratio: float, level: float) -> Evidence:
    """Poisson events in two arms: given their sum, those in one are binomial, whatever the rate.

    Sources: Przyborowski and Wilenski (1940), Biometrika 31:313; interval after Clopper and Pearson; posterior of the
    ratio of two gamma variables.
    """
    total, tail = events + others, 0.5 * (1.0 - level)
    odds = other / exposure  # of a share p of the events the rate ratio is p / (1 - p) times this

    def of_share(share: float) -> float:
        return math.inf if share >= 1.0 else odds * share / (1.0 - share)

    def above(value: float) -> float:
        share = value / (value + odds)
        return float(betainc(others + PRIOR_SHAPE, events + PRIOR_SHAPE, 1.0 - share))

    def point(probability: float) -> float:
        return of_share(float(betaincinv(events + PRIOR_SHAPE, others + PRIOR_SHAPE, probability)))

    low = float(betaincinv(events, others + 1, tail)) if events else 0.0
    high = float(betaincinv(events + 1, others, 1.0 - tail)) if others else 1.0
    null = 1.0 / (1.0 + odds)
    estimate = math.nan if not total else of_share(events / total)
    return Evidence(
        estimate=estimate,
        interval=(of_share(low), of_share(high)),
        p_value=float(betainc(events, others + 1, null)) if events else 1.0,
        median=point(0.5),
        posterior_interval=(point(tail), point(1.0 - tail)),
        greater=above(1.0),
        beyond=above(ratio),
    )


def check_counts(events: int, exposure: float, where: tuple[str, str]) -> None:
    """InputError for what cannot have been counted."""
    if events < 0:
        raise InputError("a number of events is not negative", where=where[0], got=events)
    if not (exposure > 0.0 and math.isfinite(exposure)):
        raise InputError("must be above 0", where=where[1], got=exposure)

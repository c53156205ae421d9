"""An interval fits its estimate, its p value and its percentage, within the rounding of what was printed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist

from jaksim.evidence.figures import (
    Difference,
    EventCount,
    Figure,
    Printed,
    Proportion,
    Ratio,
    ScoreCounts,
    normal_quantile,
)

TINY = 1e-12
"""Least width of an interval: limits that rounding made equal still give a (huge) z."""


OTHER_TEST = 1.5
"""Factor by which the z of a p value may differ from that of an interval of another kind than the test, such as one
from the likelihood profile beside a Wald test."""

OTHER_ERROR = 2.5
"""Factor by which a printed standard error may differ from that of an interval of another kind.

Where next to nobody had the event a profile reaches twice as far as a Wald interval.
"""


def interval_faults(figure: Figure) -> Iterator[str]:
    """What does not fit inside one figure, in words."""
    yield from _symmetry(figure)
    yield from _standard_error(figure)
    yield from _p_value(figure)
    yield from _percentage(figure)


def printed_digits(value: float) -> int:
    """Decimals a number was printed with, or those needed to print it where that is not known."""
    if isinstance(value, Printed):
        return value.decimals
    text = repr(float(value))
    return 0 if text.endswith(".0") or "e" in text else len(text.partition(".")[2])


def _half_units(estimate: float, interval: tuple[float, float]) -> tuple[float, float, float]:
    """Half of the last printed unit of an estimate and its limits.

    The limits are printed alike. Where the printing of the estimate is not known it has at most one decimal less, as a
    final zero is not kept.
    """
    limits = max(map(printed_digits, interval))
    digits = printed_digits(estimate)
    if not isinstance(estimate, Printed):
        digits = max(digits, limits - 1)
    return 0.5 * 10.0**-digits, 0.5 * 10.0**-limits, 0.5 * 10.0**-limits


def _symmetry(figure: Figure) -> Iterator[str]:
    """The interval reaches equally far on both sides, on the scale it was computed on and within rounding."""
    transform = _interval_scale(figure)
    interval = getattr(figure, "interval", None)
    if transform is None or interval is None or not all(map(math.isfinite, interval)):
        return
    printed = _printed(figure)
    (estimate_low, estimate_high), (low_low, low_high), (high_low, high_high) = (
        (transform(value - half), transform(value + half))
        for value, half in zip((printed, *interval), _half_units(printed, interval), strict=True)
    )
    if (low_low + high_low) / 2 > estimate_high or (low_high + high_high) / 2 < estimate_low:
        yield f"the interval {list(interval)} is not symmetric around {printed:g} on its scale"


def _standard_error(figure: Figure) -> Iterator[str]:
    """A printed standard error is that of the interval, or near it where the interval is of another kind."""
    if not isinstance(figure, Ratio) or figure.standard_error is None or figure.interval is None:
        return
    half = 0.5 * 10.0 ** -printed_digits(figure.standard_error)
    slack = 1.0 if figure.interval_kind == "wald" else OTHER_ERROR
    low, high = _implied_errors(figure, figure.interval)
    if figure.standard_error + half < low / slack or figure.standard_error - half > high * slack:
        yield (
            f"a standard error of {figure.standard_error:g} on the log scale does not fit the interval, "
            f"which implies {low:.4g} to {high:.4g}"
        )


def _implied_errors(figure: Ratio, interval: tuple[float, float]) -> tuple[float, float]:
    """Least and greatest standard error of the log ratio that the limits allow, each rounded as it is printed."""
    low, high = ([limit + sign * 0.5 * 10.0 ** -printed_digits(limit) for sign in (-1, 1)] for limit in interval)
    narrow, wide = math.log(high[0] / low[1]), math.log(high[1] / max(low[0], TINY))
    return narrow / (2 * normal_quantile(figure.level)), wide / (2 * normal_quantile(figure.level))


def _interval_scale(figure: Figure) -> Callable[[float], float] | None:
    match figure:
        case Ratio(interval_kind="wald"):
            return _log
        case Difference(interval_kind="wald"):
            return float
        case Proportion(estimator="kaplan_meier"):
            return _log_minus_log
    return None


def _p_value(figure: Figure) -> Iterator[str]:
    """A printed p value lies within the range that the rounded estimate and interval allow."""
    if not isinstance(figure, Ratio | Difference) or figure.p_value is None or figure.interval is None:
        return
    if not all(map(math.isfinite, figure.interval)):
        return
    lowest, highest = _implied_p(figure)
    p = figure.p_value
    half = 0.0 if p.below else 0.5 * 10.0 ** -printed_digits(p.value)
    if lowest > p.value + half or (not p.below and highest < p.value - half):
        yield f"p = {p} does not fit the interval, which implies {lowest:.2g} to {highest:.2g}"


def _implied_p(figure: Ratio | Difference) -> tuple[float, float]:
    assert figure.interval is not None
    transform = _log if isinstance(figure, Ratio) else float
    half_estimate, half, _ = _half_units(figure.estimate, figure.interval)
    slack = 1.0 if figure.interval_kind == "wald" else OTHER_TEST
    zs = []
    for sign_of_low in (-1, 1):
        for sign_of_high in (-1, 1):
            low = transform(figure.interval[0] + sign_of_low * half)
            high = transform(figure.interval[1] + sign_of_high * half)
            error = max(high - low, TINY) / (2 * normal_quantile(figure.level))
            zs += [transform(figure.estimate + sign * half_estimate) / error for sign in (-1, 1)]
    sides = 2 if figure.p_value is None else figure.p_value.sides
    tails = sorted(sides * NormalDist().cdf(-abs(z * factor)) for z in zs for factor in (1 / slack, slack))
    return tails[0], sides / 2 if min(zs) < 0 < max(zs) else tails[-1]


def _percentage(figure: Figure) -> Iterator[str]:
    if not isinstance(figure, Proportion) or figure.percent is None or figure.count is None or not figure.n:
        return
    if figure.estimator == "crude":
        exact = 100 * figure.count / figure.n
        if abs(exact - figure.percent) > 0.5 * 10.0 ** -printed_digits(figure.percent) + 1e-9:
            yield f"{figure.count} of {figure.n} is {exact:.2f}%, not {figure.percent:g}%"


def _printed(figure: Figure) -> float:
    if isinstance(figure, Proportion):
        assert figure.percent is not None
        return figure.percent
    assert not isinstance(figure, ScoreCounts | EventCount)
    return figure.estimate


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _log_minus_log(percent: float) -> float:
    return math.log(-math.log1p(-percent / 100)) if 0 < percent < 100 else math.copysign(math.inf, percent - 50)

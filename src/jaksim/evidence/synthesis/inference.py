"""An estimate with its standard error, interval and test."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.ratio import ratio_of

Interval = tuple[float, float]


@dataclass(frozen=True)
class Contrast:
    """A log ratio or difference with its interval and two-sided test against 0; `df` is inf for a normal reference."""

    estimate: float
    standard_error: float
    interval: Interval
    statistic: float
    df: float
    p_value: float
    level: float

    @property
    def ratio(self) -> float:
        """exp(estimate), of an estimate on the log scale."""
        return ratio_of(self.estimate)

    @property
    def ratio_interval(self) -> Interval:
        """exp(interval), of an estimate on the log scale."""
        return ratio_of(self.interval[0]), ratio_of(self.interval[1])


def wald(estimate: float, standard_error: float, *, level: float = 0.95, df: float = math.inf) -> Contrast:
    """Interval and test from a t (df) or normal (df = inf) reference distribution."""
    from scipy.stats import t

    check_level(level)
    half = float(t.ppf(0.5 + level / 2, df)) * standard_error
    statistic = estimate / standard_error if standard_error > 0 else math.copysign(math.inf, estimate)
    p_value = 2 * float(t.sf(abs(statistic), df))
    return Contrast(estimate, standard_error, (estimate - half, estimate + half), statistic, df, p_value, level)


def check_level(level: float) -> None:
    """InputError unless the level of an interval lies between 0.5 and 1."""
    if not 0.5 <= level < 1:
        raise InputError("a level lies between 0.5 and 1", where="level", got=level)


def indirect(first: Contrast, second: Contrast, *, level: float = 0.95) -> Contrast:
    """Effect of A against B from A against C (`first`) and B against C (`second`), in different trials.

    Bucher et al. (1997): the difference of the two contrasts, their variances added.
    """
    error = math.hypot(first.standard_error, second.standard_error)
    return wald(first.estimate - second.estimate, error, level=level)


def inconsistency(direct: Contrast, indirect: Contrast, *, level: float = 0.95) -> Contrast:
    """Difference between the direct and the indirect estimate of one comparison, with its test."""
    error = math.hypot(direct.standard_error, indirect.standard_error)
    return wald(direct.estimate - indirect.estimate, error, level=level)


def contrast_of_ratio(ratio: float, lower: float, upper: float, *, level: float = 0.95) -> Contrast:
    """A published ratio with its confidence interval, as a contrast on the log scale."""
    from jaksim.evidence.figures import normal_quantile

    if not 0 < lower <= ratio <= upper or lower == upper:
        raise InputError("a positive ratio lies in its interval", got=[ratio, lower, upper])
    return wald(math.log(ratio), math.log(upper / lower) / (2 * normal_quantile(level)), level=level)

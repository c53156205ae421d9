"""The kinds of figure a publication prints, as values that check themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Literal

from jaksim.errors import InputError
from jaksim.ratio import check_log

RATIO_MEASURES = ("rate_ratio", "hazard_ratio", "subdistribution_hazard_ratio", "odds_ratio", "risk_ratio")
DIFFERENCE_MEASURES = ("risk_difference", "mean_difference")
PROPORTION_ESTIMATORS = ("crude", "kaplan_meier")
INTERVAL_KINDS = ("wald", "other")

Interval = tuple[float, float]


class Printed(float):
    """A number that remembers how many decimals it was printed with, so that 0.80 is not taken for 0.8."""

    decimals: int

    def __new__(cls, text: str | float) -> Printed:
        self = super().__new__(cls, text)
        exponent = Decimal(text).as_tuple().exponent if isinstance(text, str) else 0
        self.decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        return self


@dataclass(frozen=True)
class PValue:
    """A printed p value: equal to `value`, or below it when `below`; of a test with one or two `sides`."""

    value: float
    below: bool = False
    sides: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1:
            raise InputError("a p value lies above 0 and at most at 1", where="p_value", got=self.value)

    def __str__(self) -> str:
        return f"{'<' if self.below else ''}{self.value:g}{' one-sided' if self.sides == 1 else ''}"


@dataclass(frozen=True)
class Ratio:
    """A ratio of the first arm to the second, with its interval.

    `interval_kind` is "wald" when the interval is symmetric on the log scale, "other" (exact, profile, credible) when
    it need not be. `standard_error` is that of the log ratio, where it is printed.
    """

    measure: str
    estimate: float
    interval: Interval | None = None
    level: float = 0.95
    p_value: PValue | None = None
    interval_kind: str = "wald"
    standard_error: float | None = None

    def __post_init__(self) -> None:
        _known(self.measure, RATIO_MEASURES, "measure")
        _known(self.interval_kind, INTERVAL_KINDS, "interval_kind")
        if not self.estimate > 0:
            raise InputError("a ratio is positive", where="estimate", got=self.estimate)
        if self.interval is not None and not all(limit > 0 for limit in self.interval):
            raise InputError("the interval of a ratio is positive", where="interval", got=list(self.interval))
        for place, value in (("estimate", self.estimate), *(("interval", limit) for limit in self.interval or ())):
            check_log(math.log(value), f"{place}, on the log scale")
        if self.standard_error is not None and not (self.standard_error > 0 and math.isfinite(self.standard_error)):
            raise InputError("a standard error is positive", where="standard_error", got=self.standard_error)
        _ordered(self.estimate, self.interval, self.level)

    @property
    def log_estimate(self) -> float:
        return math.log(self.estimate)

    @property
    def log_standard_error(self) -> float | None:
        """Standard error of the log ratio, printed or else from the width of the interval; None without either."""
        if self.standard_error is not None:
            return self.standard_error
        if self.interval is None:
            return None
        return math.log(self.interval[1] / self.interval[0]) / (2 * normal_quantile(self.level))


@dataclass(frozen=True)
class Difference:
    """First arm minus second arm: percentage points (risk_difference) or the unit of the variable (mean_difference)."""

    measure: str
    estimate: float
    interval: Interval | None = None
    level: float = 0.95
    p_value: PValue | None = None
    unit: str = "percentage points"
    interval_kind: str = "wald"

    def __post_init__(self) -> None:
        _known(self.measure, DIFFERENCE_MEASURES, "measure")
        _known(self.interval_kind, INTERVAL_KINDS, "interval_kind")
        _ordered(self.estimate, self.interval, self.level)

    @property
    def standard_error(self) -> float | None:
        """Standard error in `unit`, from the width of the interval; None without an interval."""
        if self.interval is None:
            return None
        return (self.interval[1] - self.interval[0]) / (2 * normal_quantile(self.level))


@dataclass(frozen=True)
class Proportion:
    """Patients with an event in one arm: a count out of n, a printed percentage, or both.

    `estimator` is "crude" (count / n) or "kaplan_meier" (the percentage is one minus a Kaplan-Meier estimate).
    """

    count: int | None = None
    n: int | None = None
    percent: float | None = None
    interval: Interval | None = None
    level: float = 0.95
    estimator: str = "crude"
    measure: Literal["proportion"] = "proportion"

    def __post_init__(self) -> None:
        _known(self.estimator, PROPORTION_ESTIMATORS, "estimator")
        if self.percent is None and (self.count is None or self.n is None):
            raise InputError("a proportion needs `percent`, or `count` and `n`")
        if self.estimator == "kaplan_meier" and self.percent is None:
            raise InputError("a Kaplan-Meier proportion needs `percent`")
        if self.n is not None and self.n < 1:
            raise InputError("a proportion needs patients", where="n", got=self.n)
        if self.count is not None and (self.n is None or not 0 <= self.count <= self.n):
            raise InputError("a count lies between 0 and n", where="count", got=f"{self.count} of {self.n}")
        if self.percent is not None:
            if not 0 <= self.percent <= 100:
                raise InputError("a percentage lies between 0 and 100", where="percent", got=self.percent)
            _ordered(self.percent, self.interval, self.level)

    @property
    def probability(self) -> float:
        """count / n where the counts are known and the estimator is crude, else the printed percentage / 100."""
        if self.estimator == "crude" and self.count is not None and self.n:
            return self.count / self.n
        assert self.percent is not None
        return self.percent / 100


@dataclass(frozen=True)
class EventCount:
    """Events in one arm among `n` patients, of whom each may have had several."""

    count: int
    n: int
    measure: Literal["event_count"] = "event_count"

    def __post_init__(self) -> None:
        if self.count < 0:
            raise InputError("a count is not negative", where="count", got=self.count)
        if self.n < 1:
            raise InputError("events are counted among patients", where="n", got=self.n)


@dataclass(frozen=True)
class ScoreCounts:
    """Patients of one arm at each score of the scale; `missing` patients have no score."""

    scores: tuple[int, ...]
    counts: tuple[int, ...]
    missing: int = 0
    measure: Literal["score_counts"] = "score_counts"

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.counts):
            raise InputError(f"{len(self.scores)} scores need {len(self.scores)} counts", got=list(self.counts))
        if len(set(self.scores)) != len(self.scores):
            raise InputError("each score once", where="scores", got=list(self.scores))
        if min(self.counts, default=0) < 0 or self.missing < 0:
            raise InputError("a count is not negative", where="counts", got=list(self.counts))

    @property
    def n(self) -> int:
        """Patients with a score."""
        return sum(self.counts)


@dataclass(frozen=True)
class Median:
    """A median in one arm, with its confidence interval or its quartiles.

    An upper limit of infinity means it was not reached.
    """

    estimate: float
    interval: Interval | None = None
    level: float = 0.95
    quartiles: Interval | None = None
    unit: str = "days"
    measure: Literal["median"] = "median"

    def __post_init__(self) -> None:
        if self.estimate < 0:
            raise InputError("a median time is not negative", where="estimate", got=self.estimate)
        _ordered(self.estimate, self.interval, self.level)
        if self.quartiles is not None and not self.quartiles[0] <= self.estimate <= self.quartiles[1]:
            raise InputError("the quartiles hold the median", where="quartiles", got=list(self.quartiles))


@dataclass(frozen=True)
class Mean:
    """A mean in one arm, with the standard deviation of its patients or its own confidence interval."""

    estimate: float
    standard_deviation: float | None = None
    interval: Interval | None = None
    level: float = 0.95
    n: int | None = None
    unit: str = "days"
    measure: Literal["mean"] = "mean"

    def __post_init__(self) -> None:
        if self.standard_deviation is not None and self.standard_deviation < 0:
            where = "standard_deviation"
            raise InputError("a standard deviation is not negative", where=where, got=self.standard_deviation)
        _ordered(self.estimate, self.interval, self.level)

    @property
    def standard_error(self) -> float | None:
        """Of the mean, by the width of its interval, else by the standard deviation; None where neither tells."""
        if self.interval is not None:
            return (self.interval[1] - self.interval[0]) / (2 * normal_quantile(self.level))
        if self.standard_deviation is not None and self.n:
            return self.standard_deviation / math.sqrt(self.n)
        return None


Figure = Ratio | Difference | Proportion | EventCount | ScoreCounts | Median | Mean


def normal_quantile(level: float) -> float:
    """Half width in standard errors of a two-sided interval of this level."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def _known(value: str, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise InputError(f"unknown {where.replace('_', ' ')}", where=where, allowed=allowed, got=value)


def _ordered(estimate: float, interval: Interval | None, level: float) -> None:
    if not math.isfinite(estimate):
        raise InputError("an estimate is a finite number", where="estimate", got=estimate)
    if not 0.5 <= level < 1:
        raise InputError("a level lies between 0.5 and 1", where="level", got=level)
    if interval is not None and not interval[0] <= estimate <= interval[1]:
        raise InputError("the interval holds the estimate", where="interval", got=f"{estimate} in {list(interval)}")

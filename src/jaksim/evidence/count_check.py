"""Counts give the contrasts computed from them, as to value and as to precision."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jaksim.evidence.figures import Difference, Figure, Proportion, Ratio, ScoreCounts
from jaksim.evidence.interval_check import printed_digits
from jaksim.evidence.records import Record, Study
from jaksim.ratio import ratio_of
from jaksim.scale import OrdinalScale, load_scale

AGREEMENT = 2.0
"""Standard errors by which an adjusted or time-to-event contrast may differ from that of its crude counts."""

PRECISION = (0.85, 1.75)
"""Least and greatest standard error of a ratio, in units of the one that its crude counts give.

Adjustment moves it a little; an interval far narrower than the events allow, or far wider, was not computed from them.
"""


def count_faults(study: Study, record: Record) -> Iterator[str]:
    """The counts behind a contrast give its value, or lie near enough to it where it is adjusted or counts time."""
    if len(record.evidence_counts) != 2 or not record.is_contrast:
        return
    sources = [study[name] for name in record.evidence_counts]
    if tuple(source.arms for source in sources) != tuple((arm,) for arm in record.arms):
        yield "`evidence_counts` must name one record of each arm, in the order of `arms`"
        return
    first, second = (source.figure for source in sources)
    figure = record.figure
    if isinstance(figure, Difference):
        yield from _against_difference(figure, first, second, adjusted=bool(record.adjusted_for))
    elif isinstance(figure, Ratio):
        yield from _against_ratio(figure, first, second, load_scale(study.scale))
        yield from _against_precision(figure, first, second)


def _against_difference(figure: Difference, first: Figure, second: Figure, *, adjusted: bool) -> Iterator[str]:
    if isinstance(first, Proportion) and isinstance(second, Proportion):
        crude = 100 * (first.probability - second.probability)
        rounding = sum(
            0.5 * 10.0 ** -printed_digits(p.percent) for p in (first, second) if p.count is None and p.percent
        )
        rounding += 0.5 * 10.0 ** -printed_digits(figure.estimate) + 1e-9
        moved = AGREEMENT * (figure.standard_error or 0.0) if adjusted else 0.0
        if abs(crude - figure.estimate) > rounding + moved:
            yield f"the proportions differ by {crude:.2f} points, not {figure.estimate:g}"


def _against_ratio(figure: Ratio, first: Figure, second: Figure, scale: OrdinalScale) -> Iterator[str]:
    crude = _crude_log_ratio(figure.measure, first, second, scale)
    error = figure.log_standard_error
    if crude is None or error is None:
        return
    if abs(crude - figure.log_estimate) > AGREEMENT * error:
        yield (
            f"the counts give {ratio_of(crude):.3g}, {figure.measure} is {figure.estimate:g}: "
            f"{abs(crude - figure.log_estimate) / error:.1f} standard errors apart"
        )


def _against_precision(figure: Ratio, first: Figure, second: Figure) -> Iterator[str]:
    error = figure.log_standard_error
    crude = _crude_log_error(figure.measure, first, second)
    if crude is None or error is None:
        return
    if not PRECISION[0] <= error / crude <= PRECISION[1]:
        yield f"the interval implies a standard error of {error:.3f} on the log scale, the counts {crude:.3f}"


def _crude_log_error(measure: str, first: Figure, second: Figure) -> float | None:
    """Standard error of the log ratio of two counts: of odds, of risks, else of events in time."""
    if not isinstance(first, Proportion) or not isinstance(second, Proportion):
        return None
    variance = 0.0
    for arm in (first, second):
        if not arm.count or not arm.n or arm.count == arm.n:
            return None
        extra = {"odds_ratio": 1 / (arm.n - arm.count), "risk_ratio": -1 / arm.n}.get(measure, 0.0)
        variance += 1 / arm.count + extra
    return math.sqrt(variance)


def _crude_log_ratio(measure: str, first: Figure, second: Figure, scale: OrdinalScale) -> float | None:
    """Log ratio of the raw counts: odds, risks, cumulative hazards, or odds of the better of two patients."""
    if isinstance(first, ScoreCounts) and isinstance(second, ScoreCounts):
        return _log_generalised_odds(first, second, scale)
    if not isinstance(first, Proportion) or not isinstance(second, Proportion):
        return None
    p, q = first.probability, second.probability
    if not (0 < p < 1 and 0 < q < 1):
        return None
    if measure == "risk_ratio":
        return math.log(p / q)
    if measure == "odds_ratio":
        return math.log(p / (1 - p) * (1 - q) / q)
    return math.log(math.log1p(-p) / math.log1p(-q))


def _log_generalised_odds(first: ScoreCounts, second: ScoreCounts, scale: OrdinalScale) -> float | None:
    """Log odds that a patient of the first arm has the better score, ties aside (Agresti 1980)."""
    if not {*first.scores, *second.scores} <= set(scale.scores):
        return None
    rank = {score: int(scale.rank[scale.index(score)]) for score in scale.scores}
    better = worse = 0
    for score, count in zip(first.scores, first.counts, strict=True):
        for other, other_count in zip(second.scores, second.counts, strict=True):
            better += count * other_count * (rank[score] < rank[other])
            worse += count * other_count * (rank[score] > rank[other])
    return math.log(better / worse) if better and worse else None

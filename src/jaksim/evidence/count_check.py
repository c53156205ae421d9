"""Counts give the contrasts computed from them, and parts add up to totals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jaksim.evidence.figures import Difference, Figure, Proportion, Ratio, ScoreCounts
from jaksim.evidence.interval_check import printed_digits
from jaksim.evidence.records import Record, Study
from jaksim.scale import OrdinalScale, load_scale

AGREEMENT = 2.0
"""Standard errors by which an adjusted or time-to-event ratio may differ from the ratio of its crude counts."""


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
        yield from _against_difference(figure, first, second)
    elif isinstance(figure, Ratio):
        yield from _against_ratio(figure, first, second, load_scale(study.scale))


def _against_difference(figure: Difference, first: Figure, second: Figure) -> Iterator[str]:
    if isinstance(first, Proportion) and isinstance(second, Proportion):
        crude = 100 * (first.probability - second.probability)
        rounding = sum(0.5 * 10.0 ** -printed_digits(p.percent or 0.5) for p in (first, second))
        if abs(crude - figure.estimate) > rounding + 0.5 * 10.0 ** -printed_digits(figure.estimate) + 1e-9:
            yield f"the proportions differ by {crude:.2f} points, not {figure.estimate:g}"


def _against_ratio(figure: Ratio, first: Figure, second: Figure, scale: OrdinalScale) -> Iterator[str]:
    crude = _crude_log_ratio(figure.measure, first, second, scale)
    error = figure.log_standard_error
    if crude is None or error is None:
        return
    if abs(crude - figure.log_estimate) > AGREEMENT * error:
        yield (
            f"the counts give {math.exp(crude):.3g}, {figure.measure} is {figure.estimate:g}: "
            f"{abs(crude - figure.log_estimate) / error:.1f} standard errors apart"
        )


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


def total_faults(study: Study, record: Record) -> Iterator[str]:
    """Parts add up to the total, and no table counts more patients than were randomised."""
    figure = record.figure
    if record.sum_of:
        parts = [study[name].figure for name in record.sum_of]
        expected = _added(figure, parts)
        if expected is not None:
            yield expected
    if isinstance(figure, ScoreCounts) and len(record.arms) == 1:
        randomised = study.arms[record.arms[0]].n
        everyone = not record.baseline_scores or record.id.split(".")[1:2] == ["all"]
        total = figure.n + figure.missing
        if randomised is not None and (total > randomised or (everyone and total != randomised)):
            yield f"the counts add up to {total}, the arm has {randomised} patients"


def _added(total: Figure, parts: Sequence[Figure]) -> str | None:
    if isinstance(total, ScoreCounts):
        tables = [part for part in parts if isinstance(part, ScoreCounts) and part.scores == total.scores]
        added = tuple(map(sum, zip(*(table.counts for table in tables), strict=True)))
        if len(tables) != len(parts) or added != total.counts:
            return f"the parts add up to {list(added)}, the total is {list(total.counts)}"
    if isinstance(total, Proportion):
        counts = [part.count for part in parts if isinstance(part, Proportion) and part.count is not None]
        if len(counts) != len(parts) or sum(counts) != total.count:
            return f"the parts add up to {sum(counts)}, the total is {total.count}"
    return None

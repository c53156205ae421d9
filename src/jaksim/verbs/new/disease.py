"""A disease model for a control distribution: which moves there are, and how fast they are before any figure is met."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from jaksim.verbs.new.given import Given


@dataclass(frozen=True)
class Moves:
    """Moves between neighbouring scores and deaths, each with its intensity per day as a first guess; `cut` is the day
    on which the pace of improvement may change, None where nothing tells it."""

    improvement: tuple[tuple[str, float], ...]
    deterioration: tuple[tuple[str, float], ...]
    death: tuple[tuple[str, float], ...]
    cut: int | None


def moves_of(given: Given) -> Moves:
    """Moves one step up and one step down, and death from the scores in which patients start and from worse ones."""
    scale = given.scale
    ordered = sorted(scale.scores, key=lambda score: int(scale.rank[scale.index(score)]))
    living = [score for score in ordered if score not in scale.absorbing]
    start = min(living.index(score) for score in given.baseline)
    furthest = max(living.index(score) for score in given.baseline)
    # Half of the patients are to have gone the way to recovery by the median, or by half of the follow-up.
    days = given.recovery_time or given.day / 2.0
    pace = min(max(furthest, 1) / days, 5.0)
    total = given.control_patients
    died = sum(counts[scale.index(score)] for counts in given.counts.values() for score in scale.absorbing) / total
    pairs = list(pairwise(living))
    origins = living[start:] or living[-1:]
    return Moves(
        improvement=tuple((f"{worse}>{better}", pace) for better, worse in pairs),
        deterioration=tuple((f"{better}>{worse}", 0.3 * pace) for better, worse in pairs),
        death=tuple((f"{score}>{dead}", max(died, 0.01) / given.day) for score in origins for dead in scale.absorbing),
        cut=None if given.recovery_time is None else max(1, round(given.recovery_time)),
    )

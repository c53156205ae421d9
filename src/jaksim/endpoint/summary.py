"""What a law says of an endpoint: cumulative incidence, median time, and the categories that are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.endpoint.kind import CategoryMeanings


def cumulative_incidence(weights: Floats, time: Floats, status: Integers) -> Floats:
    """Aalen-Johansen cumulative incidence of the event on days 0..last from the weights (K,) of the categories.

    `time` (K,) in days, `status` 0 censored, 1 event, 2 competing. Without censoring before the last day this is the
    plain share of patients with an event.
    """
    last = int(time.max())
    day = time.astype(np.int64)

    def at(code: int) -> Floats:
        use = status == code
        return np.asarray(np.bincount(day[use], weights=weights[use], minlength=last + 1), dtype=np.float64)

    events, competing, censored = at(1), at(2), at(0)
    leaving = events + competing + censored
    at_risk = leaving[::-1].cumsum()[::-1]
    share = np.divide(1.0, at_risk, out=np.zeros(last + 1), where=at_risk > 0)
    kept = np.cumprod(1.0 - (events + competing) * share)
    before = np.concatenate([[1.0], kept[:-1]])
    return np.asarray(np.cumsum(before * events * share))


def median_time(incidence: Floats, level: float = 0.5) -> tuple[int | None, float | None]:
    """First day with cumulative incidence of at least `level`, and that day interpolated; None if never."""
    reached = np.flatnonzero(incidence >= level - 1e-12)
    if not len(reached):
        return None, None
    day = int(reached[0])
    if day == 0:
        return 0, 0.0
    rise = incidence[day] - incidence[day - 1]
    return day, float(day - 1 + (level - incidence[day - 1]) / rise)


class Known(NamedTuple):
    """Weights, ranks and values of the categories that are known, with their labels and their `share` of all."""

    share: float
    weights: Floats
    labels: list[str]
    rank: Integers
    value: Floats

    @property
    def probabilities(self) -> Floats | None:
        """Probabilities among those known, None where there are none."""
        total = self.weights.sum()
        return np.asarray(self.weights / total) if total else None

    def by_label(self, probabilities: Floats) -> dict[str, float]:
        """The probability of each category."""
        return dict(zip(self.labels, probabilities.tolist(), strict=True))


def known_categories(endpoint: CategoryMeanings, weights: Floats) -> Known:
    """What is known of the categories (K,) under a law or counts (K,)."""
    known = endpoint.rank >= 0
    labels = [label for label, use in zip(endpoint.labels, known, strict=True) if use]
    share = float(weights[known].sum() / weights.sum())
    return Known(share, weights[known], labels, endpoint.rank[known], endpoint.value[known])


def mean_of_known(endpoint: CategoryMeanings, law: Floats) -> float | None:
    """The mean value of the categories that are known, None where none is."""
    known = endpoint.rank >= 0
    weight = law[known].sum()
    return float(np.dot(law[known], endpoint.value[known]) / weight) if weight > 0.0 else None


def or_unknown(value: float | None, text: str) -> str:
    """The text, unless there is no value that it could tell."""
    return "not known" if value is None else text

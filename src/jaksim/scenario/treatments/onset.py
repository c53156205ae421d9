"""Days since onset at which the patients of a trial were randomised: as given, or from a median and quartiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from jaksim.errors import InputError
from jaksim.scenario.section import located, read_section
from jaksim.trial.population import check_weights


@dataclass(frozen=True)
class OnsetDays:
    """Whole days since onset, ascending, with the share of patients of each, in `words` and with their source."""

    days: tuple[int, ...]
    weights: tuple[float, ...]
    words: str
    source: str = ""

    def between(self, low: int, high: int) -> OnsetDays | None:
        """The patients who came on days `low` to `high`, None where nobody did."""
        kept = [(day, one) for day, one in zip(self.days, self.weights, strict=True) if low <= day <= high and one > 0]
        total = sum(one for _, one in kept)
        if not kept:
            return None
        days, weights = zip(*kept, strict=True)
        return OnsetDays(days, tuple(one / total for one in weights), self.words, self.source)

    @property
    def mean(self) -> float:
        """The mean day."""
        return float(np.dot(self.days, self.weights))


def read_onset(table: Mapping[str, Any], where: str, followed: int) -> tuple[OnsetDays, int]:
    """The days since onset in a table, and for how many days the patients were followed."""
    values = read_section(table, "disease.treatments.reference_onset", where)
    median, quartiles, days, shares = (values[key] for key in ("median", "quartiles", "days", "shares"))
    with located(where):
        if (median is None) == (days is None):
            raise InputError("the days are not given once", allowed="median and quartiles, or days and shares")
        if median is not None:
            found = of_quartiles(median, quartiles, values["source"])
        else:
            found = _listed(days, shares, values["source"])
    return found, values["followed"] or followed


def _listed(days: list[int], shares: list[float] | None, source: str) -> OnsetDays:
    weights = [1.0 / len(days)] * len(days) if shares is None and days else shares or []
    if len(weights) != len(days) or not days or min(days) < 0 or len(set(days)) < len(days):
        raise InputError("not one share for each day", where="shares", allowed="different days of 0 or more")
    check_weights(weights, "shares")
    words = ", ".join(f"{day} ({100.0 * share:.1f} %)" for day, share in zip(days, weights, strict=True))
    ascending = sorted(zip(days, weights, strict=True))
    return OnsetDays(
        tuple(day for day, _ in ascending), tuple(share for _, share in ascending), f"days since onset {words}", source
    )


def of_quartiles(median: float, quartiles: list[float] | None, source: str = "") -> OnsetDays:
    """Whole days with this median and these quartiles, each quarter of the patients spread evenly.

    The outer quarters reach twice as far from the quartile as the median does, at least to day 0; a day holds what lies
    within half a day of it.
    """
    if quartiles is None or len(quartiles) != 2 or not 0.0 <= quartiles[0] < median < quartiles[1]:
        raise InputError("not quartiles around the median", where="quartiles", allowed="[lower, upper]", got=quartiles)
    lower, upper = quartiles
    ends = [max(lower - 2.0 * (median - lower), -0.5), lower, median, upper, upper + 2.0 * (upper - median)]
    days = np.arange(int(np.ceil(ends[-1])) + 1)
    edges = np.concatenate([days - 0.5, [days[-1] + 0.5]])
    below = np.interp(edges, ends, [0.0, 0.25, 0.5, 0.75, 1.0])
    weights = np.array([high - low for low, high in pairwise(below)])
    words = f"median {median:g}, quartiles {lower:g} and {upper:g} days since onset"
    kept = weights > 0.0
    return OnsetDays(tuple(days[kept].tolist()), tuple((weights[kept] / weights.sum()).tolist()), words, source)

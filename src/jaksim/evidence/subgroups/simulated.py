"""The same chance from simulated trials, whose numbers of events are not held at those that were seen.

The treatment does the same in everybody: in each arm so many patients have the event as its risk gives, and levels of
each characteristic are drawn for those with and for those without the event, as they are distributed among both in all
patients together. The odds ratio then is the same in every level, and characteristics are independent of each other
among patients with the event and among those without.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.evidence.subgroups.chance import SLACK
from jaksim.evidence.subgroups.levels import Characteristic
from jaksim.evidence.two_arms import Arms
from jaksim.rng import Purpose, generator


@dataclass(frozen=True)
class Share:
    """A share of simulated trials with its Monte Carlo standard error."""

    value: float
    replicates: int

    @property
    def mc_se(self) -> float:
        return math.sqrt(self.value * (1.0 - self.value) / self.replicates)


@dataclass(frozen=True, eq=False)
class Extremes:
    """Of each trial, the least and the greatest log ratio of a reported level to the others of its characteristic."""

    least: Floats
    greatest: Floats

    def beyond(self, log_ratio: float) -> Share:
        """Trials with a level beyond this log ratio, upwards if it is positive."""
        found = self.greatest >= log_ratio - SLACK if log_ratio >= 0.0 else self.least <= log_ratio + SLACK
        return Share(float(found.mean()), len(found))


def extremes(characteristics: Sequence[Characteristic], overall: Arms, *, replicates: int, seed: int) -> Extremes:
    """Trials in which the treatment does the same in everybody."""
    random = generator(seed, Purpose.PATIENT_TYPE)
    arms = [(n, random.binomial(n, events / n, replicates)) for events, n in (overall.treated, overall.control)]
    ratios = []
    for one in characteristics:
        with_event, without = _levels(one, overall)
        (a, b), (c, d) = (
            (random.multinomial(events, with_event), random.multinomial(n - events, without)) for n, events in arms
        )
        ratios.append((_log_odds(a, b, c, d) - _log_odds(*(_others(x) for x in (a, b, c, d))))[:, list(one.reported)])
    found = np.concatenate(ratios, axis=1)
    return Extremes(
        np.where(np.isnan(found), np.inf, found).min(axis=1), np.where(np.isnan(found), -np.inf, found).max(axis=1)
    )


def _levels(one: Characteristic, overall: Arms) -> tuple[Floats, Floats]:
    """Shares of the levels, and of patients whose level is not known, among patients with and without the event."""
    events, patients = one.table[:, [0, 2]].sum(axis=1), one.table[:, [1, 3]].sum(axis=1)
    found = []
    for each, total in (
        (events, overall.events),
        (patients - events, overall.treated[1] + overall.control[1] - overall.events),
    ):
        unknown = max(total - int(each.sum()), 0)
        shares = np.append(each, unknown).astype(float)
        found.append(shares / shares.sum())
    return found[0], found[1]


def _others(levels: Integers) -> Integers:
    """All known levels but each (n, K), the last of `levels` being patients whose level is not known."""
    others = levels[:, :-1].sum(axis=1, keepdims=True) - levels
    others[:, -1] = 0
    return np.asarray(others)


def _log_odds(a: Integers, b: Integers, c: Integers, d: Integers) -> Floats:
    """Log odds ratio from events and others on treatment (a, b) and control (c, d); NaN where it has no direction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(a * d) - np.log(b * c))

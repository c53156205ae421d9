"""Would chance do the same? Exact distributions of subgroup tables under one odds ratio in all of them.

Given the margins of each table and the treated events of all tables together, the treated events of the single tables
have a distribution that does not depend on the common odds ratio (Zelen 1971, Biometrika 58:129): products of
binomial coefficients, summed by convolution over the tables. Nothing is estimated and no distribution is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.evidence.subgroups.levels import TrialLevels

SLACK = 1e-9
"""Probabilities that differ by less than this share count as equal in a two-sided test."""
Rule = Callable[[int, Integers, Floats], Booleans]


@dataclass(frozen=True, eq=False)
class Support:
    """Treated events that a table with these margins can have, and their probabilities at an odds ratio of `tilt`."""

    low: int
    probability: Floats

    @property
    def values(self) -> Integers:
        return np.arange(self.low, self.low + len(self.probability))


def support(treated: int, control: int, events: int, log_odds_ratio: float = 0.0) -> Support:
    """Fisher's noncentral hypergeometric law of the treated events."""
    from scipy.special import gammaln

    low = max(0, events - control)
    a = np.arange(low, min(treated, events) + 1)
    logs = a * log_odds_ratio - gammaln(a + 1) - gammaln(treated - a + 1)
    logs -= gammaln(events - a + 1) + gammaln(control - events + a + 1)
    mass = np.exp(logs - logs.max())
    return Support(low, mass / mass.sum())


@dataclass(frozen=True, eq=False)
class Homogeneous:
    """Tables (K, 4) of treated events and patients, control events and patients, under one odds ratio in all."""

    table: Integers
    supports: tuple[Support, ...]
    own: tuple[Floats, ...]
    """Of each level, the exact probabilities of its treated events given those of all levels."""

    @classmethod
    def of(cls, table: Integers) -> Homogeneous:
        """The exact law; the tilt towards the common odds ratio of the data only keeps its digits."""
        tilt = _common(table)
        supports = tuple(support(n1, n0, int(a + c), tilt) for a, n1, c, n0 in table)
        total = int(table[:, 0].sum())
        own = []
        for k, one in enumerate(supports):
            others = _sum_of([s for i, s in enumerate(supports) if i != k])
            joint = one.probability * _at(others, total - one.values)
            own.append(joint / joint.sum())
        return cls(table, supports, tuple(own))

    def greater(self, k: int) -> float:
        """Probability of at least so many treated events in level `k` as there were."""
        return float(self.own[k][self.supports[k].values >= self.table[k, 0]].sum())

    def fewer(self, k: int) -> float:
        """Probability of at most so many treated events in level `k` as there were."""
        return float(self.own[k][self.supports[k].values <= self.table[k, 0]].sum())

    def two_sided(self, k: int) -> Floats:
        """Exact two-sided p value of level `k` against the others at each possible number of treated events."""
        probability = self.own[k]
        order = np.argsort(probability, kind="stable")
        summed = np.concatenate(([0.0], np.cumsum(probability[order])))
        upto = np.searchsorted(probability[order], probability * (1.0 + SLACK), side="right")
        return np.minimum(summed[upto], 1.0)

    def p_value(self, k: int) -> float:
        """Two-sided p value of level `k` against the others: outcomes no more probable than the one seen."""
        return float(self.two_sided(k)[self.table[k, 0] - self.supports[k].low])

    def log_ratio(self, k: int) -> Floats:
        """Log of the odds ratio in level `k` over that of the others together, at each possible number of events.

        Infinite where cells are empty on one side, NaN where they are on both.
        """
        a, (_, n1, c, n0) = self.supports[k].values, self.table[k]
        events = self.table[k, 0] + c
        others = self.table.sum(axis=0) - self.table[k]
        b = others[0] + self.table[k, 0] - a
        return _log_odds(a, n1, events - a, n0) - _log_odds(b, others[1], others[0] + others[2] - b, others[3])

    def any_level(self, beyond: Rule) -> float:
        """Probability that some level has an outcome `beyond(level, treated events, its own p values)`."""
        total = int(self.table[:, 0].sum())
        kept = []
        for k, one in enumerate(self.supports):
            outside = beyond(k, one.values, self.two_sided(k))
            kept.append(Support(one.low, np.where(outside, 0.0, one.probability)))
        everything = _at(_sum_of(self.supports), np.array([total]))[0]
        return float(np.clip(1.0 - _at(_sum_of(kept), np.array([total]))[0] / everything, 0.0, 1.0))

    def any_p_below(self, p: float) -> float:
        """Probability that some level differs from the others with a two-sided p value of at most `p`."""
        return self.any_level(lambda _k, _a, own: own <= p * (1.0 + SLACK))

    def any_ratio_beyond(self, log_ratio: float, among: Container[int]) -> float:
        """Probability that the odds ratio of some level `among` these is above the others' by at least this log ratio.

        Below it, where the log ratio is negative.
        """
        side = 1.0 if log_ratio >= 0.0 else -1.0

        def beyond(k: int, a: Integers, _p: Floats) -> Booleans:
            return side * self.log_ratio(k) >= abs(log_ratio) - SLACK if k in among else np.zeros(len(a), dtype=bool)

        return self.any_level(beyond)


def within_trials(trials: Sequence[TrialLevels]) -> float:
    """Two-sided exact p value of a difference between inside and outside that is common to trials.

    Each trial is a stratum: the treated events inside, summed over trials, given the margins of every table and the
    treated events of each trial.
    """
    laws = []
    for trial in trials:
        rows = [[*arms.treated, *arms.control] for arms in (trial.inside, trial.outside)]
        exact = Homogeneous.of(np.array(rows))
        laws.append(Support(exact.supports[0].low, exact.own[0]))
    summed = _sum_of(laws)
    seen = sum(trial.inside.treated[0] for trial in trials)
    at = summed.probability[seen - summed.low]
    return float(summed.probability[summed.probability <= at * (1.0 + SLACK)].sum())


@dataclass(frozen=True)
class Family:
    """Chance that at least one of several characteristics shows it.

    `independent` takes their findings as independent of each other; whatever they are, it lies in `bounds`
    (the largest single chance, and the sum).
    """

    single: tuple[float, ...]

    @property
    def independent(self) -> float:
        return float(-np.expm1(np.log1p(-np.minimum(self.single, 1.0 - 1e-16)).sum()))

    @property
    def bounds(self) -> tuple[float, float]:
        return max(self.single), min(1.0, sum(self.single))


def _common(table: Integers) -> float:
    """Log of the Mantel-Haenszel odds ratio, 0 where it has none."""
    a, n1, c, n0 = table.T.astype(float)
    over, under = (a * (n0 - c) / (n1 + n0)).sum(), (c * (n1 - a) / (n1 + n0)).sum()
    return float(np.log(over / under)) if over > 0 and under > 0 else 0.0


def _sum_of(supports: Sequence[Support]) -> Support:
    """Law of the sum of independent counts."""
    low, mass = 0, np.ones(1)
    for one in supports:
        low, mass = low + one.low, np.convolve(mass, one.probability)
    return Support(low, mass)


def _at(law: Support, values: Integers) -> Floats:
    """Probabilities of values, 0 outside the support."""
    place = values - law.low
    inside = (place >= 0) & (place < len(law.probability))
    return np.where(inside, law.probability[np.clip(place, 0, len(law.probability) - 1)], 0.0)


def _log_odds(a: Integers, n1: int, c: Integers, n0: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(a * (n0 - c) / (c * (n1 - a))))

"""Trials of a network: contrasts against the first treatment of each trial, with their covariance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

PAIRS_AGREE = 0.1
"""Standard errors by which the printed contrasts of one multi-arm trial may contradict each other (rounding)."""


@dataclass(frozen=True, eq=False)
class NetworkTrial:
    """Effects of `treatments[1:]` against `treatments[0]` (a - 1,), and their covariance (a - 1, a - 1)."""

    label: str
    treatments: tuple[str, ...]
    effects: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        n = len(self.treatments) - 1
        if n < 1 or len(set(self.treatments)) != n + 1:
            raise InputError("a trial compares two or more treatments", where=self.label, got=list(self.treatments))
        if self.effects.shape != (n,) or self.covariance.shape != (n, n):
            raise InputError("one effect per treatment after the first", where=self.label, got=self.effects.shape)
        if not (np.isfinite(self.effects).all() and np.isfinite(self.covariance).all()):
            raise InputError("effects and variances are finite numbers", where=self.label)
        if np.linalg.eigvalsh(self.covariance).min() <= 0:
            raise InputError("the variances do not belong to arms of one trial", where=self.label)

    @property
    def design(self) -> tuple[str, ...]:
        """The set of treatments compared."""
        return tuple(sorted(self.treatments))

    def contrast(self, first: str, second: str) -> tuple[float, float]:
        """Effect of the first against the second treatment of this trial, and its variance."""
        row = np.zeros(len(self.treatments))
        row[self.treatments.index(first)] += 1
        row[self.treatments.index(second)] -= 1
        return float(row[1:] @ self.effects), float(row[1:] @ self.covariance @ row[1:])


def trial_from_arms(
    label: str, treatments: Sequence[str], values: Sequence[float], standard_errors: Sequence[float]
) -> NetworkTrial:
    """A trial from the value of each arm, such as a mean or log odds, with its standard error."""
    if not len(treatments) == len(values) == len(standard_errors):
        raise InputError("one value and standard error per arm", where=label)
    value, variance = np.asarray(values, dtype=float), np.asarray(standard_errors, dtype=float) ** 2
    if not (variance > 0).all():
        raise InputError("a standard error is positive", where=label, got=list(standard_errors))
    return NetworkTrial(label, tuple(treatments), value[1:] - value[0], np.diag(variance[1:]) + variance[0])


def trial_from_events(
    label: str, treatments: Sequence[str], events: Sequence[float], n: Sequence[float], *, add: float = 0.5
) -> NetworkTrial:
    """A trial from events and patients of each arm, on the log odds scale; `add` goes to all cells if one is zero."""
    if not len(treatments) == len(events) == len(n):
        raise InputError("events and patients of each arm", where=label)
    cells = np.array([events, np.subtract(n, events)], dtype=float)
    if (cells < 0).any() or not np.sum(events) or not cells[1].sum():
        raise InputError("a log odds ratio needs patients with and without the event", where=label, got=list(events))
    cells += add * (cells == 0).any()
    return trial_from_arms(label, treatments, np.log(cells[0] / cells[1]), np.sqrt((1 / cells).sum(axis=0)))


def trial_from_contrasts(label: str, contrasts: Mapping[tuple[str, str], tuple[float, float]]) -> NetworkTrial:
    """A trial from all its pairwise contrasts: (first, second) -> (first minus second, standard error).

    The variances of the arms follow from the standard errors of the pairs, var_ij = var_i + var_j. InputError when a
    pair is missing or the pairs contradict each other.
    """
    treatments = tuple(dict.fromkeys(name for pair in contrasts for name in pair))
    pairs = list(combinations(treatments, 2))
    found = {}
    for (first, second), (effect, error) in contrasts.items():
        found[first, second], found[second, first] = (effect, error), (-effect, error)
    missing = [pair for pair in pairs if pair not in found]
    if missing:
        raise InputError("every pair of arms needs its contrast", where=label, got=" - ".join(missing[0]))
    if len(treatments) == 2:
        effect, error = found[treatments[1], treatments[0]]
        return NetworkTrial(label, treatments, np.array([effect]), np.array([[error**2]]))
    member = np.array([[name in pair for name in treatments] for pair in pairs], dtype=float)
    arms = np.linalg.lstsq(member, np.array([found[pair][1] ** 2 for pair in pairs]), rcond=None)[0]
    effects = np.array([found[name, treatments[0]][0] for name in treatments[1:]])
    covariance = np.diag(arms[1:]) + arms[0]
    trial = NetworkTrial(label, treatments, effects, covariance)
    for first, second in pairs:
        effect, _ = trial.contrast(first, second)
        if abs(effect - found[first, second][0]) > PAIRS_AGREE * found[first, second][1]:
            got = f"{first} - {second}: {found[first, second][0]:g}, by way of {treatments[0]} {effect:g}"
            raise InputError("the contrasts of one trial contradict each other", where=label, got=got)
    return trial


def treatments_of(trials: Iterable[NetworkTrial]) -> tuple[str, ...]:
    """Treatments in alphabetical order; InputError when the trials do not connect them all."""
    links = [set(trial.treatments) for trial in trials]
    if not links:
        raise InputError("a network needs trials", where="trials")
    everything = set().union(*links)
    reached = set(links[0])
    while grown := {name for link in links if link & reached for name in link} - reached:
        reached |= grown
    if reached != everything:
        apart = ", ".join(sorted(everything - reached))
        raise InputError("the trials do not connect all treatments", where="trials", got=f"{apart} stand apart")
    return tuple(sorted(everything))

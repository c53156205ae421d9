"""States of a patient beyond the score: on treatment or not, in the study or not, seen or not at a visit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats
from jaksim.model.intensity import IntensityTable
from jaksim.model.intercurrent import IntercurrentEvents, MissedVisit, Risk
from jaksim.scale import OrdinalScale


@dataclass(frozen=True, eq=False)
class Visit:
    """A visit that may be missed: bool (n_sets, S), the sets of states in which a patient misses it, the first empty.

    Each patient has one set from randomisation on, with chances `shares` (n_sets,) by arm. The sets of an arm are
    nested, so that a patient in a state misses the visit with exactly the probability of that state.
    """

    day: int
    missed: Booleans
    shares: Mapping[str, Floats]


@dataclass(frozen=True)
class PatientStates:
    """The states of patients among whom `events` happen, in a trial with these `arms`.

    The states before any event come first, in the order of the scale, so a state of the scale is a state here. With
    `both_courses` a patient who stopped the treatment also has the score of the course without the stop; the two
    courses share the past and are independent afterwards.
    """

    scale: OrdinalScale
    arms: tuple[str, ...]
    events: IntercurrentEvents = field(default_factory=IntercurrentEvents)
    both_courses: bool = False

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """The visits that may be missed, in order of their days."""
        days = sorted({risk.day for risk in self.events.missed_visit})
        return tuple(
            _visit(day, [risk for risk in self.events.missed_visit if risk.day == day], self.scale, self.arms)
            for day in days
        )

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.score)

    @cached_property
    def score(self) -> NDArray[np.int64]:
        """State of the scale (E,)."""
        return self._spread(self._courses[0])

    @cached_property
    def score_without_stop(self) -> NDArray[np.int64]:
        """State of the scale (E,) in the course without a stop of the treatment; `score` unless `both_courses`."""
        return self._spread(self._courses[1])

    @cached_property
    def stopped(self) -> Booleans:
        """Whether the treatment was stopped (E,)."""
        return self._spread(np.arange(len(self._courses[0])) >= self.scale.n_states)

    @cached_property
    def withdrawn(self) -> Booleans:
        """Whether the patient has left the study (E,)."""
        inner = len(self._courses[0])
        return np.tile(np.arange(inner * self._n_blocks) >= inner, self._n_classes)

    @property
    def seen_as(self) -> NDArray[np.int64]:
        """State of the scale (E,) that the trial sees, -1 after a withdrawal."""
        return np.where(self.withdrawn, -1, self.score)

    @cached_property
    def visit_set(self) -> NDArray[np.int64]:
        """Which of its sets each visit has (n_visits, E)."""
        return np.repeat(np.array(self._classes, dtype=np.int64).T, self._class_size, axis=1)

    @cached_property
    def absorbing(self) -> tuple[int, ...]:
        """States that are never left."""
        dead = np.isin(np.arange(self.scale.n_states), self.scale.indices(self.scale.absorbing))
        return tuple(np.flatnonzero(dead[self.score] & dead[self.score_without_stop]).tolist())

    @cached_property
    def better(self) -> Booleans:
        """Moves (E, E) to a better score, in either course of the patient."""
        return self._moves(-1)

    @cached_property
    def worse(self) -> Booleans:
        """Moves (E, E) to a worse score, in either course of the patient."""
        return self._moves(1)

    def _moves(self, direction: int) -> Booleans:
        ranks = (self.scale.rank[self.score], self.scale.rank[self.score_without_stop])
        there = [direction * (rank[None, :].astype(np.int64) - rank[:, None]) > 0 for rank in ranks]
        return np.asarray(there[0] | there[1])

    def starts(self, arm: str, state: int) -> Iterator[tuple[float, int]]:
        """Share and state at randomisation of the patients of an arm who enter in one state of the scale."""
        for number, chosen in enumerate(self._classes):
            share = math.prod(visit.shares[arm][kind] for visit, kind in zip(self.visits, chosen, strict=True))
            if share > 0.0:
                yield share, number * self._class_size + state

    def intensities(self, arm: str, treated: IntensityTable, untreated: IntensityTable) -> IntensityTable:
        """Intensities between all states, from those of the scale on the regimen and after a stop of it."""
        risks = (*self.events.withdrawal, *self.events.treatment_stop)
        days = {day for risk in risks for day in (risk.start, risk.end) if day < math.inf}
        breaks = np.array(sorted({*treated.breaks.tolist(), *untreated.breaks.tolist(), *days}))
        generators = self._inner(arm, _at(treated, breaks), _at(untreated, breaks), breaks)
        if self.events.withdrawal:
            leaving = self._rates(self.events.withdrawal, arm, breaks)[:, self._courses[0]]
            generators = _flagged(generators, generators, leaving)
        blocks = np.eye(self._n_classes)
        return IntensityTable(breaks, np.array([np.kron(blocks, generator) for generator in generators]))

    def _inner(self, arm: str, treated: Floats, untreated: Floats, breaks: Floats) -> Floats:
        if not self.events.treatment_stop:
            return treated
        leaving = self._rates(self.events.treatment_stop, arm, breaks)
        if not self.both_courses:
            return _flagged(treated, untreated, leaving)
        n, same = self.scale.n_states, np.eye(self.scale.n_states)
        generators = np.zeros((len(breaks), n + n * n, n + n * n))
        generators[:, :n, :n] = treated - same * leaving[:, None, :]
        generators[:, np.arange(n), n + np.arange(n) * (n + 1)] = leaving  # both courses start from the same state
        for piece in range(len(breaks)):
            generators[piece, n:, n:] = np.kron(untreated[piece], same) + np.kron(same, treated[piece])
        return generators

    def _rates(self, risks: Sequence[Risk], arm: str, breaks: Floats) -> Floats:
        rates: Floats = np.sum([risk.rates(self.scale, arm, breaks) for risk in risks], axis=0)
        return rates

    @cached_property
    def _courses(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        n = self.scale.n_states
        scores = np.arange(n)
        if not self.events.treatment_stop:
            return scores, scores
        if not self.both_courses:
            return np.tile(scores, 2), np.tile(scores, 2)
        return np.concatenate([scores, np.repeat(scores, n)]), np.concatenate([scores, np.tile(scores, n)])

    @cached_property
    def _classes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(itertools.product(*(range(len(visit.missed)) for visit in self.visits)))

    @property
    def _n_classes(self) -> int:
        return len(self._classes)

    @property
    def _n_blocks(self) -> int:
        return 2 if self.events.withdrawal else 1

    @property
    def _class_size(self) -> int:
        return len(self._courses[0]) * self._n_blocks

    def _spread(self, inner: NDArray[Any]) -> NDArray[Any]:
        return np.tile(inner, self._n_blocks * self._n_classes)


def _visit(day: int, events: Sequence[MissedVisit], scale: OrdinalScale, arms: Sequence[str]) -> Visit:
    sets: dict[bytes, Booleans] = {bytes(scale.n_states): np.zeros(scale.n_states, dtype=bool)}
    found: dict[str, dict[bytes, float]] = {arm: {} for arm in arms}
    for arm in arms:
        chance = 1.0 - np.prod([1.0 - event.probability * event.members(scale, arm) for event in events], axis=0)
        levels = [1.0, *np.unique(chance[chance > 0.0])[::-1].tolist(), 0.0]
        for number, (above, level) in enumerate(itertools.pairwise(levels)):
            missed = (chance >= above) & (number > 0)
            sets.setdefault(missed.tobytes(), missed)
            found[arm][missed.tobytes()] = above - level
    shares = {arm: np.array([found[arm].get(key, 0.0) for key in sets]) for arm in arms}
    return Visit(day, np.array(list(sets.values())), shares)


def _at(table: IntensityTable, breaks: Floats) -> Floats:
    return table.generators[np.searchsorted(table.breaks, breaks, side="right") - 1]


def _flagged(before: Floats, after: Floats, rates: Floats) -> Floats:
    """Generators (J, 2n, 2n) of a process under `before` until a flag is set, at `rates` (J, n), then under `after`."""
    n = before.shape[1]
    joined = np.zeros((len(before), 2 * n, 2 * n))
    states = np.arange(n)
    joined[:, :n, :n] = before
    joined[:, states, states] -= rates
    joined[:, states, n + states] = rates
    joined[:, n:, n:] = after
    return joined

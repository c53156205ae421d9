"""The states that the courses of a patient's treatment make of her score."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.model.courses.turns import Turn
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class TreatmentCourses:
    """The states of patients whose treatment takes `turns`: a course, which is a value of each turn, and a score.

    Those of the course without any turn come first, in the order of the scale. Events that are `thought_away` give a
    patient to whom one of them happens two states at once, that in which she is and that without these events; the two
    share the past and are independent afterwards. `together` says which turns a patient of each arm may take, all when
    empty; courses with the turns of two arms are left out.
    """

    scale: OrdinalScale
    turns: tuple[Turn, ...] = ()
    thought_away: tuple[str, ...] = ()
    together: tuple[tuple[bool, ...], ...] = ()

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self._pairs)

    @cached_property
    def score(self) -> Integers:
        """State of the scale (E,)."""
        return self._pairs[:, 0] % self.scale.n_states

    @cached_property
    def score_without(self) -> Integers:
        """State of the scale (E,) in the course without the events thought away; `score` where there are none."""
        return self._pairs[:, 1] % self.scale.n_states

    def begun(self, turn: int, *, without: bool = False) -> Booleans:
        """Whether a turn has begun (E,); of one that pauses, whether it is a pause.

        With `without` in the course without the events thought away.
        """
        return np.asarray(self._values[self._pairs[:, int(without)] // self.scale.n_states, turn] > 0)

    def happened(self, event: str, *, without: bool = False) -> Booleans:
        """Whether one of the turns of an event has begun (E,)."""
        found = np.zeros(self.size, dtype=bool)
        for number, turn in enumerate(self.turns):
            if turn.event == event:
                found |= self.begun(number, without=without)
        return found

    @property
    def days(self) -> set[float]:
        """Days since randomisation on which an intensity between courses changes."""
        return {day for turn in self.turns for day in turn.days}

    def starts(self, arm: str, state: int) -> Iterator[tuple[float, int]]:
        """Share and state at randomisation of the patients of an arm who enter in one state of the scale."""
        paused = [turn.paused_at_randomisation(self.scale, arm)[state] for turn in self.turns]
        for course, values in enumerate(self._values):
            share = 1.0
            for value, part in zip(values, paused, strict=True):
                share *= (1.0 - part, part)[value] if value < 2 else 0.0
            if share > 0.0:
                yield share, self._starting[course * self.scale.n_states + state]

    def regimens(self, arm: str, given: Regimen, background: Sequence[str]) -> tuple[Regimen, ...]:
        """What a patient of an arm that gives `given` receives in each course, first the regimen of the arm."""
        return tuple(self._regimen(values, arm, given, background) for values in self._values.tolist())

    def generators(self, arm: str, courses: Sequence[Floats], breaks: Floats) -> Floats:
        """Generators (J, E, E) in the pieces from `breaks` (J,), from those (J, S, S) of each of the `regimens`."""
        if not self.turns:
            return courses[0]
        actual = self._actual(arm, courses, breaks, self.turns)
        if not self.thought_away:
            return actual
        kept = tuple(turn for turn in self.turns if turn.event not in self.thought_away)
        without = self._actual(arm, courses, breaks, kept)
        before, after = self._before, np.setdiff1d(np.arange(actual.shape[1]), self._before)
        n, m = len(before), len(after)
        found = np.zeros((len(breaks), self.size, self.size))
        found[:, :n, :n] = actual[:, before[:, None], before]
        # A state after one of the events, with the state that the patient would be in without it.
        beside = np.searchsorted(before, self._without[after])
        found[:, :n, n + np.arange(m) * n + beside] = actual[:, before[:, None], after]
        for piece in range(len(breaks)):
            one, other = actual[piece][np.ix_(after, after)], without[piece][np.ix_(before, before)]
            found[piece, n:, n:] = np.kron(one, np.eye(n)) + np.kron(np.eye(m), other)
        return found

    def _actual(self, arm: str, courses: Sequence[Floats], breaks: Floats, happening: Sequence[Turn]) -> Floats:
        """Generators (J, F, F) over courses and scores where only some of the turns happen."""
        n, same = self.scale.n_states, np.eye(self.scale.n_states, dtype=bool)
        alive = ~np.isin(np.arange(n), self.scale.indices(self.scale.absorbing))
        rates = [turn.rates(self.scale, arm, breaks) for turn in self.turns]
        chances = [turn.chances(self.scale, arm, breaks) for turn in self.turns]
        found = np.zeros((len(breaks), len(self._values), n, len(self._values), n))
        for course, values in enumerate(self._values.tolist()):
            exits = np.diagonal(courses[course], axis1=1, axis2=2).copy()
            reached = {tuple(values): np.where(same, 0.0, courses[course])}
            for number, turn in enumerate(self.turns):
                if turn not in happening:
                    continue
                onwards = turn.onwards(values[number])
                if values[number] == 0:
                    onward, rate = 1, rates[number]
                elif onwards is not None:
                    onward, rate = onwards[0], np.outer(np.ones(len(breaks)), onwards[1] * alive)
                else:
                    continue
                place = self._places.get(_moved(values, number, onward))
                if place is None:  # of two arms' turns, and so nobody's
                    continue
                exits -= rate
                found[:, course, np.arange(n), place, np.arange(n)] += rate
                chance = chances[number]
                if values[number] == 0 and chance is not None:
                    for key in [key for key in reached if _moved(key, number, 1) in self._places]:
                        reached[_moved(key, number, 1)] = reached[key] * chance
                        reached[key] = reached[key] * (1.0 - chance)
            for key, moves in reached.items():
                found[:, course, :, self._places[key], :] += moves
            found[:, course, np.arange(n), course, np.arange(n)] += exits
        return found.reshape(len(breaks), len(self._values) * n, -1)

    def _regimen(self, values: Sequence[int], arm: str, given: Regimen, background: Sequence[str]) -> Regimen:
        now = planned = given
        for turn, value in zip(self.turns, values, strict=True):
            if turn.concerns(arm):
                now = turn.applied(value, now, given, background, planned)
            if turn.event == "switch":
                planned = now
        return now

    @cached_property
    def _values(self) -> Integers:
        """Values of the turns in each course (C, T), of those that there are in some arm."""
        courses = itertools.product(*(range(turn.n_values) for turn in self.turns))
        found = [
            values
            for values in courses
            if not self.together
            or any(all(may or not value for value, may in zip(values, arm, strict=True)) for arm in self.together)
        ]
        return np.array(found, dtype=np.int64).reshape(len(found), len(self.turns))

    @cached_property
    def _places(self) -> dict[tuple[int, ...], int]:
        return {tuple(values): place for place, values in enumerate(self._values.tolist())}

    @cached_property
    def _without(self) -> Integers:
        """The state of course and score that each would be without the events thought away (F,)."""
        away = np.array([turn.event in self.thought_away for turn in self.turns], dtype=bool)
        n = self.scale.n_states
        courses = [self._places[tuple(np.where(away, 0, values).tolist())] for values in self._values]
        return (np.array(courses)[:, None] * n + np.arange(n)).ravel()

    @cached_property
    def _before(self) -> Integers:
        """States of course and score before any of the events thought away."""
        return np.flatnonzero(self._without == np.arange(len(self._without)))

    @cached_property
    def _pairs(self) -> Integers:
        """States of course and score (E, 2) that each state is: the actual one, and that without the events."""
        before, n_all = self._before, len(self._without)
        if not self.thought_away:
            return np.repeat(np.arange(n_all)[:, None], 2, axis=1)
        after = np.setdiff1d(np.arange(n_all), before)
        both = np.stack([np.repeat(after, len(before)), np.tile(before, len(after))], axis=1)
        return np.concatenate([np.repeat(before[:, None], 2, axis=1), both])

    @cached_property
    def _starting(self) -> dict[int, int]:
        """Position of each state of course and score before the events."""
        return {state: position for position, state in enumerate(self._before.tolist())}


def _moved(values: Sequence[int], turn: int, value: int) -> tuple[int, ...]:
    return (*values[:turn], value, *values[turn + 1 :])

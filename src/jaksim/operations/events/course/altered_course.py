"""The course of one patient whose intensities change while she is without the place that she needs.

The walk of the path engine in plain Python, on the same words: without a change it is her path to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jaksim.model.intensity import IntensityTable
from jaksim.operations.events.course.courses import Component, Courses
from jaksim.rng import SITE_BITS, Purpose, addressed, words
from jaksim.simulate.alias_table import quantise
from jaksim.simulate.process_tables import destinations_of, pieces_of
from jaksim.simulate.reference import exponential

Change = tuple[float, float, float]
"""From a day since randomisation on: factors of the intensities of getting worse, and of getting better."""
_WORDS_AT_ONCE = 32


class Sojourns:
    """Piecewise constant intensities under fixed factors, sojourn by sojourn."""

    def __init__(self, table: IntensityTable, factor: NDArray[np.float64]) -> None:
        moves = table.generators * factor
        moves[:, np.arange(len(factor)), np.arange(len(factor))] = 0.0
        fields = pieces_of(table.breaks, moves.sum(axis=2).T)
        self._pieces = [[tuple(float(x) for x in piece) for piece in state] for state in fields]
        self._chances = [[destinations_of(moves[j, s]) for j in range(len(moves))] for s in range(len(factor))]

    def spent(self, state: int, time: float) -> float:
        """Exit hazard of a state from day 0 to a time."""
        start, hazard, exit_rate, _ = next(p for p in reversed(self._pieces[state]) if p[0] <= time)
        return hazard + (time - start) * exit_rate

    def piece_at(self, state: int, time: float) -> int:
        """The piece that holds at a time."""
        return max(j for j, piece in enumerate(self._pieces[state]) if piece[0] <= time)

    def leave(self, state: int, piece: int, time: float, wait: float) -> tuple[int, float]:
        """Piece and day at which a state is left that was entered, in a piece, at a time (`walk.leaving`)."""
        pieces = self._pieces[state]
        start, hazard, exit_rate, _ = pieces[piece]
        goal = hazard + (time - start) * exit_rate + wait
        last = sum(goal >= one[1] for one in pieces[1:])
        start, hazard, exit_rate, pace = pieces[last]
        if exit_rate == 0.0:
            return last, math.inf
        return last, max(time, start + (goal - hazard) * pace)

    def arrive(self, state: int, piece: int, word: int) -> int:
        """The state entered when a state is left (`walk.arriving`)."""
        states, up_to = self._chances[state][piece]
        return states[sum(word >= one for one in up_to)]


class AlteredCourses:
    """Walks single patients through their disease under changing factors."""

    def __init__(self, courses: Courses) -> None:
        self._courses = courses
        states = courses.trial.states
        rank = courses.trial.scale.rank[states.score]
        # A move that leaves the score as it is, such as a stop of the treatment, is neither worse nor better.
        self._worse = rank[None, :] > rank[:, None]
        self._better = rank[None, :] < rank[:, None]
        self._sojourns = lru_cache(maxsize=512)(self._prepared)

    def states(self, cell: int, site: int, number: int, replicate: int, changes: Sequence[Change]) -> NDArray[np.int8]:
        """Daily states (H + 1,) of one patient of a cell under `changes`, in order of their days."""
        seed, who = self._courses.seed, (site << SITE_BITS) | number
        kind, component = self._component(cell, who, replicate)
        stream = _stream(seed, replicate, cell, who)
        given = [(0.0, 1.0, 1.0), *changes]
        horizon = self._courses.horizon
        found = np.empty(horizon + 1, dtype=np.int8)
        state, piece, time, day, now = component.start, 0, 0.0, 0, 0
        while day <= horizon:
            wait, word = exponential(next(stream)), next(stream)
            while True:
                process = self._sojourns(cell, kind, given[now][1], given[now][2])
                left_in, until = process.leave(state, piece, time, wait)
                following = now + 1
                if following == len(given) or until <= given[following][0]:
                    break
                changed = given[following][0]
                if given[following][1:] != given[now][1:] and changed > time:
                    # What is left of the hazard is carried over to the intensities that hold from now on.
                    wait = max(wait - (process.spent(state, changed) - process.spent(state, time)), 0.0)
                    time, piece = changed, process.piece_at(state, changed)
                now = following
            while day <= horizon and day < until:
                found[day] = state
                day += 1
            if day <= horizon:
                state, piece, time = process.arrive(state, left_in, word), left_in, until
        return found

    def _component(self, cell: int, who: int, replicate: int) -> tuple[int, Component]:
        components = self._courses.cells[cell]
        if len(components) == 1:
            return 0, components[0]
        words = addressed(self._courses.seed, Purpose.PATIENT_TYPE, replicate, np.array([cell]), np.zeros(1), who >> 2)
        word = int(words[0, who & 3])
        up_to = np.cumsum(quantise([one.share for one in components]))[:-1]
        kind = int((word >= up_to).sum())
        return kind, components[kind]

    def _prepared(self, cell: int, kind: int, worse: float, better: float) -> Sojourns:
        factor = np.where(self._worse, worse, np.where(self._better, better, 1.0))
        return Sojourns(self._courses.cells[cell][kind].intensities, factor)


def _stream(seed: int, replicate: int, cell: int, who: int) -> Iterator[int]:
    """The words of a patient's path, without an end."""
    n, done = _WORDS_AT_ONCE, 0
    while True:
        found = words(seed, Purpose.PATH, replicate, cell, who, n)
        for word in found[done:]:
            yield int(word)
        n, done = 2 * n, n

"""The course of one patient whose intensities change while she is without the place, or the drug, that she needs.

The walk of the path engine in plain Python, on the same words: without a change it is her path to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans
from jaksim.model.intensity import IntensityTable
from jaksim.operations.addresses import addressed, stream
from jaksim.operations.events.course.courses import Component, Courses
from jaksim.rng import SITE_BITS, Purpose
from jaksim.simulate.alias_table import WHOLE, quantise
from jaksim.simulate.process_tables import destinations_of, pieces_of
from jaksim.simulate.reference import exponential
from jaksim.simulate.tilted_paths import parts_of

Change = tuple[float, float, float, bool]
"""From a day since randomisation on: factors of the intensities of getting worse, and of getting better, and whether
she lacks her drug."""
UNCHANGED: Final = (1.0, 1.0, False)
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


class TiltedSojourns:
    """The same where a site has a factor of its own for the intensities of getting better
    (`jaksim.kernel.tilted_paths`)."""

    def __init__(self, table: IntensityTable, factor: NDArray[np.float64], better: Booleans) -> None:
        states = range(len(better))
        parts = parts_of(table.times(factor), better)
        self._pieces = [[tuple(piece[s][0].tolist()) for piece in parts] for s in states]
        self._up_to = [[piece[s][1].tolist() for piece in parts] for s in states]
        moves = table.generators * factor
        moves[:, states, states] = 0.0
        self._states = [[np.flatnonzero(one[s] > 0.0).tolist() for one in moves] for s in states]

    def at(self, factor: float) -> TiltedSojourns:
        """At a site with this factor."""
        found = copy(self)
        found._factor = factor
        return found

    _factor = 1.0

    def _at(self, piece: tuple[float, ...]) -> tuple[float, float, float]:
        """Start of a piece, hazard accumulated until then and exit intensity."""
        start, hazard, exits, hazard_better, exits_better = piece
        return start, hazard + self._factor * hazard_better, exits + self._factor * exits_better

    def spent(self, state: int, time: float) -> float:
        """Exit hazard of a state from day 0 to a time."""
        start, hazard, exits = self._at(next(p for p in reversed(self._pieces[state]) if p[0] <= time))
        return hazard + (time - start) * exits

    def piece_at(self, state: int, time: float) -> int:
        """The piece that holds at a time."""
        return max(j for j, piece in enumerate(self._pieces[state]) if piece[0] <= time)

    def leave(self, state: int, piece: int, time: float, wait: float) -> tuple[int, float]:
        """Piece and day at which a state is left that was entered, in a piece, at a time (`tilted_leaving`)."""
        pieces = self._pieces[state]
        start, hazard, exits = self._at(pieces[piece])
        goal = hazard + (time - start) * exits + wait
        last = sum(goal >= self._at(one)[1] for one in pieces[1:])
        start, hazard, exits = self._at(pieces[last])
        return last, max(time, start + (goal - hazard) / exits) if exits > 0.0 else math.inf

    def arrive(self, state: int, piece: int, word: int) -> int:
        """The state entered when a state is left (`tilted_arriving`)."""
        up_to = word * self._at(self._pieces[state][piece])[2]
        passed = sum(up_to >= WHOLE * (own + self._factor * better) for own, better in self._up_to[state][piece])
        found: int = self._states[state][piece][passed]
        return found


class AlteredCourses:
    """Walks single patients through their disease under changing factors."""

    def __init__(self, courses: Courses) -> None:
        self._courses = courses
        # A move that leaves the score as it is, such as a stop of the treatment, is neither worse nor better.
        self._worse, self._better = courses.trial.states.worse, courses.trial.states.better
        self._tilted = courses.trial.site_sd > 0.0
        self._sojourns = lru_cache(maxsize=512)(self._prepared)

    def states(self, cell: int, site: int, number: int, replicate: int, changes: Sequence[Change]) -> NDArray[np.int8]:
        """Daily states (H + 1,) of one patient of a cell under `changes`, in order of their days."""
        seed, who = self._courses.seed, (site << SITE_BITS) | number
        kind, component = self._component(cell, who, replicate)
        path = _words(seed, replicate, cell, who)
        given: list[Change] = [(0.0, *UNCHANGED), *changes]
        horizon = self._courses.horizon
        own = float(self._courses.factors(replicate)[site]) if self._tilted else 1.0
        found = np.empty(horizon + 1, dtype=np.int8)
        state, piece, time, day, now = component.start, 0, 0.0, 0, 0
        while day <= horizon:
            wait, word = exponential(next(path)), next(path)
            while True:
                process = self._process(cell, kind, given[now], own)
                left_in, until = process.leave(state, piece, time, wait)
                following = now + 1
                if following == len(given) or until <= given[following][0]:
                    break
                changed = given[following][0]
                if given[following][1:] != given[now][1:] and changed > time:
                    # What is left of the hazard is carried over to the intensities that hold from now on.
                    wait = max(wait - (process.spent(state, changed) - process.spent(state, time)), 0.0)
                    time, piece = changed, process.piece_at(state, changed)
                if given[following][3] != given[now][3]:
                    # Intensities with and without drug may change on other days.
                    piece = self._process(cell, kind, given[following], own).piece_at(state, time)
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

    def _process(self, cell: int, kind: int, change: Change, own: float) -> Sojourns | TiltedSojourns:
        """What holds from a change on, at a site with a factor of its own."""
        found = self._sojourns(cell, kind, *change[1:])
        return found.at(own) if isinstance(found, TiltedSojourns) else found

    def _prepared(self, cell: int, kind: int, worse: float, better: float, undosed: bool) -> Sojourns | TiltedSojourns:
        factor = np.where(self._worse, worse, np.where(self._better, better, 1.0))
        table = self._courses.undosed[cell][kind] if undosed else self._courses.cells[cell][kind].intensities
        return TiltedSojourns(table, factor, self._better) if self._tilted else Sojourns(table, factor)


def _words(seed: int, replicate: int, cell: int, who: int) -> Iterator[int]:
    """The words of a patient's path, without an end."""
    n, done = _WORDS_AT_ONCE, 0
    while True:
        found = stream(seed, Purpose.PATH, replicate, cell, who, n)
        for word in found[done:]:
            yield int(word)
        n, done = 2 * n, n

"""What the conduct of a trial has to know of the courses of patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans
from jaksim.operations.events.course.courses import Courses, Watched


@dataclass
class Reading:
    """How the patients of one arm fare (m,): days since randomisation on which drug and visits end, outcomes are
    complete and events known by endpoint, and for each ward on which days a need begins and ends, in turns."""

    states: NDArray[np.int8]
    undrugged: list[int]
    known: dict[str, tuple[list[int], list[int]]]
    needs: list[dict[int, list[int]]]


class Reader:
    """Reads the daily states of patients for what the conduct of a trial has to know."""

    def __init__(self, courses: Courses, watched: dict[str, Watched], needed: list[Booleans], dispensed: bool) -> None:
        self._courses, self._watched, self._needed, self._dispensed = courses, watched, needed, dispensed

    def read(self, states: NDArray[np.int8]) -> Reading:
        """What the states (m, H + 1) of some patients tell."""
        undrugged = self._courses.first_day_in(states, self._courses.undrugged).tolist() if self._dispensed else []
        known = {name: one.known_after(states) for name, one in self._watched.items()}
        lists = {name: (complete.tolist(), event.tolist()) for name, (complete, event) in known.items()}
        return Reading(states, undrugged, lists, [needs_of(states, kinds) for kinds in self._needed])


def needs_of(states: NDArray[np.int8], kinds: Booleans) -> dict[int, list[int]]:
    """For those who are ever in states of some kinds: the days on which they come into them and leave them, in turns;
    follow-up ends on the day after the last."""
    inside = np.zeros((len(states), states.shape[1] + 2), dtype=np.int8)
    inside[:, 1:-1] = kinds[states]
    row, day = np.nonzero(np.diff(inside, axis=1))
    found: dict[int, list[int]] = {}
    for one, on in zip(row.tolist(), day.tolist(), strict=True):
        found.setdefault(one, []).append(on)
    return found

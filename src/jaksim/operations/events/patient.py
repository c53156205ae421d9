"""One patient of the trial while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Integers
from jaksim.operations.events.course.altered_course import Change
from jaksim.operations.events.course.readings import Reading
from jaksim.operations.events.supply.stock import Takes

NEVER: Final = int(np.iinfo(np.int64).max)
# What most patients have for good, so that none is made for each.
_NO_CHANGES: Final[list[Change]] = []
_NO_FACTORS: Final[dict[int, tuple[float, float]]] = {}
_NO_TURNS: Final[list[int]] = []


class Patient:
    """A patient who has been randomised: her address (`site`, `number`), when (`screened`, `ready`, `day`), `stratum`,
    `arm`, and how late her data are.

    Her course is row `row` of `reading`; `version` counts the changes of it, so that what was foreseen before a change
    is known to be void. Her outcome is in the data from day `complete_on` on, her event from `event_on` on. She was
    `given` and `missed` drug so many times, which is taken from the stocks `takes`, comes next to dispensing number
    `turn`, and takes it until day `until` of hers. For each ward: how she is `held`, how many `turns` of need and no
    need she has had, how often she got a place, `since` which day of hers she has it, how many days she `stayed` in
    all, and whether she was ever turned away; `factors` of her intensities by ward, whether she is `undosed` since a
    dispensing was missed, and the `changes` of the two.
    """

    __slots__ = (
        "arm", "changes", "complete_on", "day", "event_on", "factors", "given", "held", "late", "missed", "number",
        "places", "reading", "ready", "row", "screened", "since", "site", "stayed", "stratum", "takes", "turn",
        "turned_away", "turns", "undosed", "until", "version",
    )  # fmt: skip

    def __init__(
        self, site: int, number: int, screened: float, ready: float, stratum: int, arm: int, late: int
    ) -> None:
        self.site, self.number, self.screened, self.ready = site, number, screened, ready
        self.day, self.stratum, self.arm, self.late = int(ready), stratum, arm, late
        self.reading: Reading | None = None
        self.takes: Takes = []
        self.row = self.version = self.given = self.missed = self.until = 0
        self.turn = 1
        self.complete_on = self.event_on = NEVER
        self.undosed = False
        self.changes, self.factors, self.turns = _NO_CHANGES, _NO_FACTORS, _NO_TURNS

    def enter_wards(self, wards: int) -> None:
        """She needs no place as yet."""
        self.held: list[str | None] = [None] * wards
        self.turns, self.places, self.turned_away = [0] * wards, [0] * wards, [False] * wards
        self.since, self.stayed = [0.0] * wards, [0.0] * wards
        self.factors = {}


def column(patients: Sequence[Patient], name: str) -> Integers:
    """One whole number of each patient."""
    return np.fromiter(map(attrgetter(name), patients), dtype=np.int64, count=len(patients))


def states_of(patients: Sequence[Patient], days: int) -> NDArray[np.int8]:
    """Daily states (n, days) of patients, as they were read."""
    found = np.empty((len(patients), days), dtype=np.int8)
    together: dict[int, tuple[Reading, list[int], list[int]]] = {}
    for n, one in enumerate(patients):
        if one.reading is not None:
            _, places, rows = together.setdefault(id(one.reading), (one.reading, [], []))
            places.append(n)
            rows.append(one.row)
    for reading, places, rows in together.values():
        found[places] = reading.states[rows]
    return found

"""One patient of the trial while it runs."""

from __future__ import annotations

from typing import Final

import numpy as np

from jaksim.operations.events.course.altered_course import Change
from jaksim.operations.events.course.readings import Reading

NEVER: Final = int(np.iinfo(np.int64).max)


class Patient:
    """A patient who has been randomised: her address (`site`, `number`), when (`screened`, `ready`, `day`), `stratum`,
    `arm`, and how late her data are.

    Her course is row `row` of `reading`; `version` counts the changes of it, so that what was foreseen before a change
    is known to be void. Her outcome is in the data from day `complete_on` on, her event from `event_on` on. She was
    `given` and `missed` drug so many times, comes next to dispensing number `turn`, and takes it until day `until` of
    hers. For each ward: how she is `held`, how many `turns` of need and no need she has had, how often she got a place
    and whether she was ever turned away; `factors` of her intensities by ward, and their `changes`.
    """

    __slots__ = (
        "arm", "changes", "complete_on", "day", "event_on", "factors", "given", "held", "late", "missed", "number",
        "places", "reading", "ready", "row", "screened", "site", "stratum", "turn", "turned_away", "turns", "until",
        "version",
    )  # fmt: skip

    def __init__(
        self, site: int, number: int, screened: float, ready: float, stratum: int, arm: int, late: int
    ) -> None:
        self.site, self.number, self.screened, self.ready = site, number, screened, ready
        self.day, self.stratum, self.arm, self.late = int(ready), stratum, arm, late
        self.reading: Reading | None = None
        self.row = self.version = self.given = self.missed = self.until = 0
        self.turn = 1
        self.complete_on = self.event_on = NEVER

    def enter_wards(self, wards: int) -> None:
        """She needs no place as yet."""
        self.held: list[str | None] = [None] * wards
        self.turns, self.places, self.turned_away = [0] * wards, [0] * wards, [False] * wards
        self.factors: dict[int, tuple[float, float]] = {}
        self.changes: list[Change] = []

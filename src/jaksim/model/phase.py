"""Phases of the disease by days since onset, and effects that act through one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

Z95: Final = 1.959963984540054
_AT_ONCE: Final = 1e-3


@dataclass(frozen=True)
class Phase:
    """How far a phase of the disease is on, by days since onset: straight lines through `points` (day, level).

    Before the first and after the last point the level is that of the point. `intervals` (95 %) tell how well the day
    of each point is known, an empty one that it is taken as exactly known.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    intervals: tuple[tuple[float, ...], ...] = ()
    source: str = ""
    assumption: str = ""

    def __post_init__(self) -> None:
        days = [day for day, _ in self.points]
        if len(days) < 2 or any(a >= b for a, b in pairwise(days)):
            raise InputError("the days of a phase are not in order", where=f"phase {self.name!r}", got=days)
        levels = [level for _, level in self.points]
        if min(levels) < 0.0 or max(levels) <= 0.0:
            what = "a level cannot be negative, and one is above 0"
            raise InputError(what, where=f"phase {self.name!r}", got=levels)
        if not self.intervals:
            object.__setattr__(self, "intervals", ((),) * len(days))

    def level(self, days: Floats) -> Floats:
        """The level at these days since onset."""
        found: Floats = np.interp(days, [day for day, _ in self.points], [level for _, level in self.points])
        return found

    @property
    def uncertain(self) -> tuple[int, ...]:
        """The points whose day is not exactly known."""
        return tuple(place for place, interval in enumerate(self.intervals) if interval)

    def drawn(self, normals: Sequence[float]) -> Phase:
        """The phase with its uncertain days moved, by a standard normal number for each of them.

        Each side of a day is half a normal law, whose 95 % limit is that of the interval. A day that would lie before
        the one in front of it follows it at once.
        """
        days = [day for day, _ in self.points]
        for place, z in zip(self.uncertain, normals, strict=True):
            low, high = self.intervals[place]
            days[place] += z / Z95 * (high - days[place] if z > 0.0 else days[place] - low)
        for place in range(1, len(days)):
            days[place] = max(days[place], days[place - 1] + _AT_ONCE)
        return replace(self, points=tuple((day, level) for day, (_, level) in zip(days, self.points, strict=True)))

    def by_day(self) -> tuple[float, ...]:
        """The level of each whole day since onset, in the middle of the day; the last one holds for ever."""
        last = max(math.ceil(self.points[-1][0]), 0)
        return tuple(self.level(np.arange(last + 1, dtype=np.float64) + 0.5).tolist())


@dataclass(frozen=True)
class Course:
    """How the log hazard ratio of an effect goes with a phase: times `levels` of each whole day since onset.

    The last level holds from its day on. `scales` (baseline score, factor) make the average over the patients of the
    trial that the effect is from 1; scores that are not named have the factor `other`.
    """

    phase: str
    levels: tuple[float, ...]
    scales: tuple[tuple[int, float], ...] = ()
    other: float = 1.0

    def pieces(self, baseline_score: int, days_since_onset: float | None) -> Iterator[tuple[float, float, float]]:
        """Factor of the log hazard ratio, first day and end of each piece, in days since randomisation."""
        if days_since_onset is None:
            what = f"an effect acts through the phase {self.phase!r}, so patients need days_since_onset"
            raise InputError(what, where="phase")
        scale = dict(self.scales).get(baseline_score, self.other)
        last = len(self.levels) - 1
        for day in range(min(math.floor(days_since_onset), last), last + 1):
            end = math.inf if day == last else day + 1 - days_since_onset
            yield scale * self.levels[day], max(day - days_since_onset, 0.0), end


def acting(
    days: tuple[float, float] | None, course: Course | None, baseline_score: int, days_since_onset: float | None
) -> Iterator[tuple[float, float, float]]:
    """Factor of the log hazard ratio of an effect, and from when to when, in the `days` of its window (None: never)."""
    if days is None:
        return
    if course is None:
        yield 1.0, *days
        return
    for factor, first, end in course.pieces(baseline_score, days_since_onset):
        if max(first, days[0]) < min(end, days[1]):
            yield factor, max(first, days[0]), min(end, days[1])

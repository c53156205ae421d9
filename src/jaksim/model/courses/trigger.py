"""When a patient's treatment changes: at an intensity, at a move between scores, or on a day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.checks import not_negative, number
from jaksim.errors import InputError
from jaksim.model.selection import Selection
from jaksim.scale import OrdinalScale

DIRECTIONS: Final = ("worse", "better", "any")
"""Moves at which a treatment may change: for the worse, for the better, or all."""
WITHIN: Final = 0.01
"""The part of a day within which everyone concerned changes who changes on that day."""
_CERTAIN: Final = 40.0
"""Hazard that leaves nobody: its exponential is below the last digit of 1."""


@dataclass(frozen=True)
class Trigger(Selection):
    """What makes the treatment of a patient change, between day `start` and day `end`; one of three.

    An intensity `per_day` while in one of the scores; a `probability` at each move into one of them, in the direction
    `on_move`; or, with a `day` since randomisation, a probability for those who are in one of them at its end.
    """

    per_day: float | None = None
    probability: float | None = None
    day: int | None = None
    on_move: str = "any"
    start: float = 0.0
    end: float = math.inf

    def __post_init__(self) -> None:
        if self.per_day is not None:
            not_negative(self.per_day, "per_day")
        chance = self.probability
        if chance is not None and not 0.0 <= number(chance, "probability") <= 1.0:
            raise InputError("not a probability", where="probability", allowed="0 to 1", got=chance)
        not_negative(self.start, "start")
        if not self.start < self.end:
            raise InputError("the end must come after the start", where="end", got=self.end)
        if self.on_move not in DIRECTIONS:
            raise InputError("unknown direction", where="on_move", allowed=DIRECTIONS, got=self.on_move)
        if self.day is not None and self.per_day is not None:
            raise InputError("what happens on a day has a probability", where="per_day", got=self.per_day)
        if self.day is not None and (self.start > 0.0 or self.end < math.inf):
            raise InputError("what happens on a day has no other days", where="start, end", allowed="day alone")
        if self.day is None and (self.per_day is None) == (chance is None):
            raise InputError(
                "when does it happen?",
                where="per_day, probability",
                allowed="per_day (an intensity in the scores), probability (at each move into them) or day, one of "
                "these",
            )

    @property
    def days(self) -> set[float]:
        """Days since randomisation on which an intensity or a chance changes."""
        ends = (self.start, self.end) if self.day is None else (float(self.day), self.day + WITHIN)
        return {day for day in ends if day < math.inf}

    @property
    def at_moves(self) -> bool:
        """Whether it acts at the moment of a move."""
        return self.day is None and self.probability is not None

    def silent(self) -> Self:
        """The same for nobody."""
        return replace(self, per_day=0.0) if self.per_day is not None else replace(self, probability=0.0)

    def rates(self, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
        """Intensity per day (J, S) in pieces that start on the days `breaks`, which hold `days`."""
        if self.at_moves:
            return np.zeros((len(breaks), scale.n_states))
        size, start, end = self.per_day or 0.0, self.start, self.end
        if self.day is not None:
            chance = 1.0 if self.probability is None else self.probability
            hazard = _CERTAIN if chance == 1.0 else min(-math.log1p(-chance), _CERTAIN)
            size, start, end = hazard / WITHIN, self.day, self.day + WITHIN
        found: Floats = size * np.outer(_within(breaks, start, end), self.members(scale, arm)).astype(np.float64)
        return found

    def chances(self, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
        """Probability (J, S, S) at a move from one score to another in each piece."""
        if not self.at_moves:
            return np.zeros((len(breaks), scale.n_states, scale.n_states))
        ranks = scale.rank.astype(np.int64)
        apart = np.sign(ranks[None, :] - ranks[:, None])
        towards = {"worse": apart > 0, "better": apart < 0, "any": np.ones_like(apart, dtype=bool)}[self.on_move]
        concerned = towards & self.members(scale, arm)[None, :]
        found: Floats = (self.probability or 0.0) * (
            _within(breaks, self.start, self.end)[:, None, None] & concerned
        ).astype(np.float64)
        return found


def chances_of(triggers: Sequence[Trigger], scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
    """Probability (J, S, S) at each move that at least one of several triggers acts."""
    none = np.ones((len(breaks), scale.n_states, scale.n_states))
    for trigger in triggers:
        none *= 1.0 - trigger.chances(scale, arm, breaks)
    return 1.0 - none


def _within(breaks: Floats, start: float, end: float) -> Booleans:
    return np.asarray((breaks >= start) & (breaks < end))

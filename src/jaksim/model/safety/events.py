"""A kind of safety event: who may have it, at what intensity, and how often it is counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.checks import is_whole, not_negative
from jaksim.errors import InputError
from jaksim.model.selection import Selection
from jaksim.scale import OrdinalScale

MOST_COUNTED: Final = 6
EXPOSURES: Final = ("always", "on treatment", "off treatment")
"""When a risk is there: whatever the treatment, while it is neither stopped nor paused, or when it is."""


@dataclass(frozen=True)
class SafetyRisk(Selection):
    """An intensity `per_day` of a safety event from day `start` to day `end`, times a factor of the score.

    `factors` are (score, factor) of scores whose patients have another intensity; `exposure` is one of `EXPOSURES`.
    Where a `share` is given, the intensity is the one at which that share of the patients of its only arm have had the
    event by day `share_day`.
    """

    per_day: float = 0.0
    factors: tuple[tuple[int, float], ...] = ()
    exposure: str = "always"
    start: float = 0.0
    end: float = math.inf
    share: float | None = None
    share_day: int = 0

    def __post_init__(self) -> None:
        not_negative(self.per_day, "per_day")
        not_negative(self.start, "start")
        if not self.start < self.end:
            raise InputError("the end must come after the start", where="end", got=self.end)
        if self.exposure not in EXPOSURES:
            raise InputError("unknown exposure", where="exposure", allowed=EXPOSURES, got=self.exposure)
        for score, factor in self.factors:
            not_negative(factor, f"by_score.{score}")

    def check(self, scale: OrdinalScale, arms: Sequence[str]) -> None:  # type: ignore[override]
        """InputError for scores and arms that do not exist, and for a score in which a patient is dead."""
        super().check(scale, arms)
        for score, _ in self.factors:
            if score not in scale.scores or score in scale.absorbing:
                allowed = [one for one in scale.scores if one not in scale.absorbing]
                raise InputError("no score of living patients", where="by_score", allowed=allowed, got=score)

    def silent(self) -> SafetyRisk:
        """The same risk for nobody."""
        return replace(self, per_day=0.0)

    def rates(self, scale: OrdinalScale, arm: str, score: np.ndarray, treated: Booleans, breaks: Floats) -> Floats:
        """Intensity per day (J, E) of patients in an arm whose states have these scores and are `treated` or not, in
        pieces that start on the days `breaks`, which hold its start and end."""
        factor = self.members(scale, arm).astype(np.float64)
        for one, of_score in self.factors:
            factor[scale.index(one)] *= of_score
        exposed = {"always": np.ones_like(treated), "on treatment": treated, "off treatment": ~treated}[self.exposure]
        within = (breaks >= self.start) & (breaks < self.end)
        found: Floats = np.outer(within, self.per_day * factor[score] * exposed)
        return found


@dataclass(frozen=True)
class SafetyEvent:
    """A kind of safety event, counted up to `most` in each patient; intensities that concern the same patient add up.

    Each risk is one of some arms. With `death_counts` death itself is one more event.
    """

    name: str
    risks: tuple[SafetyRisk, ...] = field(default=())
    most: int = 1
    death_counts: bool = False

    def __post_init__(self) -> None:
        if not is_whole(self.most) or not 1 <= self.most <= MOST_COUNTED:
            raise InputError("so many cannot be counted", where="most", allowed=f"1 to {MOST_COUNTED}", got=self.most)

    @property
    def days(self) -> set[float]:
        """Days since randomisation on which an intensity changes."""
        return {day for risk in self.risks for day in (risk.start, risk.end) if day < math.inf}

    def check(self, scale: OrdinalScale, arms: Sequence[str]) -> None:
        """InputError for scores and arms that do not exist."""
        for risk in self.risks:
            risk.check(scale, arms)

    def rates(self, scale: OrdinalScale, arm: str, score: np.ndarray, treated: Booleans, breaks: Floats) -> Floats:
        """Intensity per day (J, E) of all risks together."""
        nothing = np.zeros((len(breaks), len(score)))
        return sum((risk.rates(scale, arm, score, treated, breaks) for risk in self.risks), nothing)

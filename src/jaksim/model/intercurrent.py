"""What may come between a patient and the endpoint: withdrawal, a stop of the treatment, a missed visit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.checks import not_negative, number
from jaksim.errors import InputError
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Selection:
    """Patients concerned: those in `current_scores` (every living score when None) of `arms` (every arm when empty)."""

    current_scores: tuple[int, ...] | None = None
    arms: tuple[str, ...] = ()

    def members(self, scale: OrdinalScale, arm: str) -> NDArray[np.bool_]:
        """Which states of the scale it holds in an arm, bool (S,)."""
        chosen = np.zeros(scale.n_states, dtype=bool)
        if not self.arms or arm in self.arms:
            living = [score for score in scale.scores if score not in scale.absorbing]
            chosen[list(scale.indices(living if self.current_scores is None else self.current_scores))] = True
        return chosen

    def check(self, scale: OrdinalScale, arms: Iterable[str]) -> None:
        """InputError for scores and arms that do not exist, and for a score in which a patient is dead."""
        known = list(arms)
        for arm in self.arms:
            if arm not in known:
                raise InputError("unknown arm", where="arms", allowed=known, got=arm)
        for score in self.current_scores or ():
            scale.index(score)
            if score in scale.absorbing:
                raise InputError("an absorbing score is never left", where="current_scores", got=score)


@dataclass(frozen=True)
class Risk(Selection):
    """An intensity `per_day` of withdrawal, or of a stop of the treatment, from day `start` to day `end`."""

    per_day: float = 0.0
    start: float = 0.0
    end: float = math.inf

    def __post_init__(self) -> None:
        not_negative(self.per_day, "per_day")
        not_negative(self.start, "start")
        if not self.start < self.end:
            raise InputError("the end must come after the start", where="end", got=self.end)

    def rates(self, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
        """Intensity per day (J, S) in pieces that start on the days `breaks`, which hold its start and end."""
        within = (breaks >= self.start) & (breaks < self.end)
        rates: Floats = self.per_day * np.outer(within, self.members(scale, arm)).astype(np.float64)
        return rates


def rates_of(risks: Sequence[Risk], scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
    """Intensities per day (J, S) of several risks together, in pieces that start on the days `breaks`."""
    rates: Floats = np.sum([risk.rates(scale, arm, breaks) for risk in risks], axis=0)
    return rates


@dataclass(frozen=True)
class MissedVisit(Selection):
    """A `probability` that the visit on `day`, in days since randomisation, is missed."""

    day: int = 0
    probability: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= number(self.probability, "probability") <= 1.0:
            raise InputError("not a probability", where="probability", allowed="0 to 1", got=self.probability)
        if self.day < 1:
            raise InputError("the visit of randomisation cannot be missed", where="day")


@dataclass(frozen=True)
class IntercurrentEvents:
    """The intercurrent events of a trial; intensities that concern the same patient add up.

    After a stop of the treatment only what is inside the natural history goes on.
    """

    withdrawal: tuple[Risk, ...] = ()
    treatment_stop: tuple[Risk, ...] = ()
    missed_visit: tuple[MissedVisit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.withdrawal or self.treatment_stop or self.missed_visit)

    def check(self, scale: OrdinalScale, arms: Sequence[str]) -> None:
        """InputError, with its place, for scores and arms that do not exist."""
        for name in ("withdrawal", "treatment_stop", "missed_visit"):
            for position, intercurrent in enumerate(getattr(self, name)):
                try:
                    intercurrent.check(scale, arms)
                except InputError as error:
                    raise error.at(f"{name}.{position}") from None

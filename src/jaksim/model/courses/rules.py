"""The rules by which the treatment of a patient changes: stop, rescue, switch, missed doses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final

from jaksim.checks import number
from jaksim.errors import InputError
from jaksim.model.courses.trigger import Trigger
from jaksim.model.regimen import Regimen
from jaksim.model.selection import Selection

MOST_STAGES: Final = 20


@dataclass(frozen=True)
class TreatmentStop(Trigger):
    """A stop of `treatments`, of all that the arm gives beyond the background when none are named."""

    treatments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Begun(Trigger):
    """Treatment that begins later than randomisation, and lasts `lasts` days on average, to the end when infinite.

    Its length is the sum of `stages` exponential ones (an Erlang distribution), so that the standard deviation is the
    mean over the square root of their number.
    """

    lasts: float = math.inf
    stages: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not number(self.lasts, "lasts", infinite=True) > 0.0:
            raise InputError("it lasts for some time", where="lasts", allowed="more than 0 days", got=self.lasts)
        if not 1 <= self.stages <= MOST_STAGES:
            raise InputError("a number of stages", where="stages", allowed=f"1 to {MOST_STAGES}", got=self.stages)


@dataclass(frozen=True)
class Rescue(Begun):
    """Open-label `treatments` that are added to what a patient receives."""

    treatments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Switch(Begun):
    """Another `regimen` in place of that of the arm: that of the arm `to`, where it has a name."""

    regimen: Regimen = field(default_factory=Regimen)
    to: str = ""


@dataclass(frozen=True)
class MissedDoses(Selection):
    """Pauses of `treatments` (all beyond the background when none are named), of `days` on average.

    Patients concerned are `covered` for that share of their days, at randomisation already.
    """

    covered: float = 1.0
    days: float = 1.0
    treatments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 < number(self.covered, "covered") <= 1.0:
            raise InputError("not a share of the days", where="covered", allowed="above 0, up to 1", got=self.covered)
        if not number(self.days, "days") > 0.0:
            raise InputError("a pause lasts for some time", where="days", allowed="more than 0", got=self.days)

    @property
    def per_day(self) -> float:
        """Intensity with which a pause begins."""
        return (1.0 - self.covered) / (self.covered * self.days)

    def silent(self) -> MissedDoses:
        """The same rule for nobody."""
        return replace(self, covered=1.0)

"""What may come between a patient and the endpoint: withdrawal, a missed visit, changes of the treatment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import not_negative, number
from jaksim.errors import InputError
from jaksim.model.courses.rules import MissedDoses, Rescue, Switch, TreatmentStop
from jaksim.model.courses.turns import EVENTS, Turn, turns_of
from jaksim.model.regimen import Regimen
from jaksim.model.safety.events import SafetyEvent, SafetyRisk
from jaksim.model.selection import Selection
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Risk(Selection):
    """An intensity `per_day` of withdrawal from day `start` to day `end`."""

    per_day: float = 0.0
    start: float = 0.0
    end: float = math.inf

    def __post_init__(self) -> None:
        not_negative(self.per_day, "per_day")
        not_negative(self.start, "start")
        if not self.start < self.end:
            raise InputError("the end must come after the start", where="end", got=self.end)

    def silent(self) -> Risk:
        """The same risk for nobody."""
        return replace(self, per_day=0.0)

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

    def silent(self) -> MissedVisit:
        """The same visit missed by nobody."""
        return replace(self, probability=0.0)


@dataclass(frozen=True)
class IntercurrentEvents:
    """The intercurrent events of a trial, and its safety events; intensities that concern the same patient add up."""

    withdrawal: tuple[Risk, ...] = ()
    treatment_stop: tuple[TreatmentStop, ...] = ()
    missed_visit: tuple[MissedVisit, ...] = ()
    rescue: tuple[Rescue, ...] = ()
    switch: tuple[Switch, ...] = ()
    missed_doses: tuple[MissedDoses, ...] = ()
    safety: tuple[SafetyEvent, ...] = ()

    def __bool__(self) -> bool:
        return any(found for _, found in self._all())

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """What may happen to the treatment of a patient."""
        return tuple(turns_of({event: getattr(self, event) for event in EVENTS}))

    def check(self, scale: OrdinalScale, arms: Sequence[str]) -> None:
        """InputError, with its place, for scores and arms that do not exist."""
        for name, found in self._all():
            for position, intercurrent in enumerate(found):
                try:
                    intercurrent.check(scale, arms)
                except InputError as error:
                    raise error.at(f"{name}.{position}") from None

    def in_world_of(self, arm: str, arms: Sequence[str]) -> IntercurrentEvents:
        """What happens where every patient is treated, and leaves, as those of one arm are."""
        changed = {
            name: tuple(_of_arm(one, arm, arms, arms) for one in found)
            for name, found in self._all()
            if name != "safety"
        }
        return replace(self, **changed, safety=self._safety_of(arm, arms, arms))

    def under_null(
        self, reference: str, regimen: Regimen, nulled: Sequence[str], arms: Sequence[str]
    ) -> IntercurrentEvents:
        """What happens where some arms have the regimen of the reference: they are rescued, switched, covered and
        harmed as the reference is, and a switch to one of them is one to that regimen."""
        changed = {
            name: tuple(_of_arm(one, reference, nulled, arms) for one in getattr(self, name))
            for name in ("rescue", "switch", "missed_doses")
        }
        changed["switch"] = tuple(
            replace(one, regimen=regimen) if one.to in nulled else one for one in changed["switch"]
        )
        return replace(self, **changed, safety=self._safety_of(reference, nulled, arms))

    def _safety_of(self, arm: str, like_it: Sequence[str], arms: Sequence[str]) -> tuple[SafetyEvent, ...]:
        """The safety events where some arms have the risks of one of them."""
        return tuple(
            replace(event, risks=tuple(_of_arm(risk, arm, like_it, arms) for risk in event.risks))
            for event in self.safety
        )

    def _all(self) -> list[tuple[str, tuple[Any, ...]]]:
        return [(one.name, getattr(self, one.name)) for one in fields(self)]


_R = TypeVar("_R", Risk, MissedVisit, TreatmentStop, Rescue, Switch, MissedDoses, SafetyRisk)


def _of_arm(rule: _R, arm: str, like_it: Sequence[str], arms: Sequence[str]) -> _R:
    """A rule in a trial some of whose arms are like one of them."""
    if not rule.arms:
        return rule
    concerned = tuple(name for name in arms if (arm if name in like_it else name) in rule.arms)
    found: _R = replace(rule, arms=concerned) if concerned else rule.silent()
    return found

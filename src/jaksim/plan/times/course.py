"""A survival trial in large samples, and when its events come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.errors import InputError
from jaksim.formulas.followed_arm import FollowedArm, events_of
from jaksim.formulas.nph_size import Pair
from jaksim.plan.times.calendar import LATEST
from jaksim.root import root


@dataclass(frozen=True)
class Course:
    """A trial in large samples: (reference, active) arms of each stratum, time of the analysis, patients, and when the
    last of them has entered.
    """

    strata: Sequence[Pair]
    time: float
    patients: float
    entered: float

    @property
    def arms(self) -> list[FollowedArm]:
        """Every arm of every stratum."""
        return [arm for pair in self.strata for arm in pair]

    @cached_property
    def entered_by_analysis(self) -> float:
        """Patients who have entered by the analysis."""
        return sum(float(arm.patients * arm.entered(np.array([self.time]))[0]) for arm in self.arms)

    @cached_property
    def events(self) -> float:
        """Events expected by the analysis."""
        return events_of(self.arms, self.time)


def time_of_events(strata: Sequence[Pair], events: float) -> float:
    """When so many events are expected; InputError where they never are."""
    arms = [arm for pair in strata for arm in pair]
    last = last_time(strata)
    most = events_of(arms, last)
    if most < events:
        what = f"so many events are never expected of {sum(arm.patients for arm in arms):,.0f} patients"
        raise InputError(what, where="‹events›", allowed=f"up to {most:,.1f}, or more patients", got=events)
    return root(lambda time: events_of(arms, time) - events, 0.0, last)


def last_time(strata: Sequence[Pair]) -> float:
    """A time by which next to no more events are to come."""
    arms = [arm for pair in strata for arm in pair]
    last, seen = 1.0, -1.0
    while last < LATEST:
        now = events_of(arms, last)
        if now > 0.0 and now - seen < 1e-9 * now:
            return last
        last, seen = 2.0 * last, now
    return last

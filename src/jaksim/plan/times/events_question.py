"""The question of `plan survival` whose size is a number of events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from jaksim.errors import InputError
from jaksim.formulas.followed_arm import events_of
from jaksim.plan.question import Table
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Statistic
from jaksim.plan.times.course import Course, last_time, time_of_events
from jaksim.plan.times.question import BY_EVENTS, PROPORTIONAL, SurvivalQuestion
from jaksim.root import root

_NORMAL = NormalDist()


@dataclass(frozen=True)
class EventsQuestion(SurvivalQuestion):
    """The same with its size in events; `entering` patients are known, or follow from the events and the follow-up.

    Without either there is no calendar, and only formulas that need the events alone.
    """

    entering: float | None = field(default=None, kw_only=True)

    @property
    def size_name(self) -> str:
        """Events."""
        return "events"

    @property
    def own_course(self) -> bool:
        """Whether an analysis is more than a share of the last one."""
        return self.method not in PROPORTIONAL

    @property
    def has_calendar(self) -> bool:
        """Whether it is known who enters when."""
        return self.entering is not None or self.calendar.follow_up is not None

    def course(self, effect: float, size: float) -> Course:
        """The trial that has so many events at its analysis."""
        return _course(self, effect, size)

    def patients_for(self, effect: float, events: float) -> float:
        def seen(patients: float) -> float:
            return SurvivalQuestion.course(self, effect, patients).events

        if self.calendar.length is not None:
            return events / seen(1.0)
        high = events
        while seen(high) < events:
            high *= 2.0
        return root(lambda patients: seen(patients) - events, 0.5 * events, high)

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z with so many events."""
        if self.method in BY_EVENTS:
            return self._of_events(effect, size, null)
        return super().statistic(effect, size, null)

    def largest_size(self, effect: float) -> float:
        """Events that are to come however long the trial goes on; no limit where the number of patients is open."""
        if self.entering is None:
            return math.inf
        strata = self.pairs(effect, self.entering)
        return events_of([arm for pair in strata for arm in pair], last_time(strata)) * (1.0 - 1e-6)

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Events of the formula, or those by the time at which the law has the power."""
        nulls = rule.nulls(self.scale)
        if len(nulls) > 1 or self.test.name == "max_combo":
            return None
        quantiles = rule.critical + _NORMAL.inv_cdf(power)
        if self.method in BY_EVENTS:
            return (quantiles / self.statistic(effect, 1.0, nulls[0]).mean) ** 2
        if self.entering is None:
            return None
        strata, entered = self.pairs(effect, self.entering), self.calendar.ends_for(self.entering)

        def lack(time: float) -> float:
            if self.test.at is not None and self.test.at >= time:
                return -math.inf
            law = self._law(effect, Course(strata, time, self.entering or 0.0, entered), nulls[0])
            mean = abs(law.mean) if rule.either_way else law.mean
            return (mean - rule.critical) / law.sd - _NORMAL.inv_cdf(power)

        last = last_time(strata)
        times = np.geomspace(1e-3, 1.0, 40) * last
        passed = next((float(time) for time in times if lack(float(time)) >= 0.0), None)
        if passed is None:
            what = f"{self.entering:,.0f} patients do not reach this power however long they are followed"
            raise InputError(what, where="‹patients›", allowed="more patients, or less power", got=self.entering)
        return events_of([arm for pair in strata for arm in pair], root(lack, 1e-6 * last, passed))

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """Patients and calendar, where they are known."""
        if not self.has_calendar:
            return self._critical(size, rule)
        course = self.course(effect, size)
        return {"patients": course.patients, **self.told(course), **self._critical(size, rule)}

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """What is expected in each arm, where the calendar is known."""
        return super().tables(effect, size, rule) if self.has_calendar else ()

    def effect_at(self, z: float, effect: float, size: float, null: float, fraction: float) -> float:
        """The hazard ratio that z stands for at an analysis, by the events seen."""
        share = self.allocation.active_share
        return null * math.exp(-self.sign * z / math.sqrt(fraction * size * share * (1.0 - share)))

    def at_look(self, effect: float, size: float, fraction: float) -> Mapping[str, float]:
        """Events, and the calendar where it is known."""
        return super().at_look(effect, size, fraction) if self.has_calendar else {"events": fraction * size}

    def stopped_at(self, true: float, effect: float, size: float, fraction: float) -> Mapping[str, float]:
        """Events, and time and patients where the calendar is known."""
        if not self.has_calendar:
            return {"events": fraction * size}
        return super().stopped_at(true, effect, size, fraction)

    def course_under(self, true: float, effect: float, size: float, fraction: float) -> Course:
        """The trial with the patients planned for an effect when a part of the events is seen under a `true` one."""
        patients = self.course(effect, size).patients
        strata, entered = self.pairs(true, patients), self.calendar.ends_for(patients)
        return Course(strata, time_of_events(strata, fraction * size), patients, entered)

    def statistic_under(self, true: float, effect: float, size: float, null: float, fraction: float) -> Statistic:
        """The law of z with a part of the events while a `true` hazard ratio holds."""
        if self.method in BY_EVENTS:
            return self._of_events(true, fraction * size, null)
        return super().statistic_under(true, effect, size, null, fraction)

    def trigger_at(self, effect: float, size: float, fraction: float) -> str:
        """What brings about an interim analysis in a scenario."""
        return f"events >= {round(fraction * size)}"


@lru_cache(maxsize=512)
def _course(question: EventsQuestion, effect: float, events: float) -> Course:
    if question.entering is not None:
        entered = question.calendar.ends_for(question.entering)
        strata = question.pairs(effect, question.entering)
        return Course(strata, time_of_events(strata, events), question.entering, entered)
    if question.calendar.follow_up is None:
        what = "without a calendar it is not known who is at risk"
        allowed = "‹accrual› with ‹patients› or ‹follow_up›; or ‹formula› schoenfeld or freedman"
        raise InputError(what, where="‹accrual›", allowed=allowed)
    return SurvivalQuestion.course(question, effect, question.patients_for(effect, events))

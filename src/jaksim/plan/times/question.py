"""The question of `plan survival`: two survival curves, a test, and a calendar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any

from jaksim.errors import InputError
from jaksim.formulas.followed_arm import events_of
from jaksim.formulas.hazards import times_ratio
from jaksim.formulas.nph_size import Pair
from jaksim.formulas.survival_test import SurvivalTest, average_hazard_ratio
from jaksim.plan.question import Formula, Question, Table
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Statistic
from jaksim.plan.times.calendar import CONSTANT, Calendar
from jaksim.plan.times.course import Course, time_of_events
from jaksim.plan.times.hazards import ActiveHazard, median_of, survival_at
from jaksim.plan.times.tests import FORMULAS
from jaksim.root import root

_NORMAL = NormalDist()
BY_EVENTS = ("schoenfeld", "freedman", "hsieh_freedman")
"""Formulas that need the events alone."""
PROPORTIONAL = (*BY_EVENTS, "lachin_foulkes")
"""Formulas by which an analysis with a part of the events knows just that part."""


@dataclass(frozen=True)
class SurvivalQuestion(Question):
    """Two survival curves that a test compares in a trial with entry over time; the size is in patients."""

    active: ActiveHazard = field(kw_only=True)
    calendar: Calendar = field(kw_only=True)
    test: SurvivalTest = field(kw_only=True)
    method: str = field(kw_only=True)
    strata: tuple[tuple[float, float], ...] = field(default=((1.0, 1.0),), kw_only=True)
    """Share of the patients, and hazard relative to the control that was stated, of each stratum."""
    time_unit: str = field(default="months", kw_only=True)

    def course(self, effect: float, size: float) -> Course:
        """The trial of this size, by the end of its calendar."""
        assert self.calendar.follow_up is not None
        entered = self.calendar.ends_for(size)
        return Course(self.pairs(effect, size), entered + self.calendar.follow_up, size, entered)

    def pairs(self, effect: float, patients: float) -> list[Pair]:
        """The arms of each stratum when so many patients enter."""
        active_share = self.allocation.active_share
        hazards = (self.active.control, self.active.at(effect))
        shares = (1.0 - active_share, active_share)
        found = []
        for part, factor in self.strata:
            reference, active = (
                self.calendar.arm(
                    patients * part * share, patients, hazard if factor == 1.0 else times_ratio(hazard, factor)
                )
                for hazard, share in zip(hazards, shares, strict=True)
            )
            found.append((reference, active))
        return found

    def formula(self) -> Formula:
        """The formula by its name."""
        return FORMULAS[self.method]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z at the analysis."""
        return self._law(effect, self.course(effect, size), null)

    def statistic_at(self, effect: float, size: float, null: float, fraction: float) -> Statistic:
        """The law when this part of the planned events has been seen."""
        if self.method in PROPORTIONAL:
            return self.statistic(effect, size, null).at(fraction)
        return self._law(effect, self.course_at(effect, size, fraction), null)

    @property
    def own_course(self) -> bool:
        """Whether an analysis is more than a share of the last one, or the events no share of the patients."""
        return self.method not in PROPORTIONAL or self.calendar.length is None

    def course_at(self, effect: float, size: float, fraction: float) -> Course:
        """The trial when this part of its events has been seen."""
        return _course_at(self, effect, size, fraction)

    def _law(self, effect: float, course: Course, null: float) -> Statistic:
        if not course.events > 0.0:
            what = "no events are expected before the analysis"
            raise InputError(what, where="‹follow_up›", allowed="more follow-up", got=self.calendar.follow_up)
        if self.method in BY_EVENTS:
            return self._of_events(effect, course.events, null)
        if self.method == "lachin_foulkes":
            return self._of_log_ratio(effect, course, null)
        self.check_followed(course)
        law = self.test.law(course.strata, course.time, null=null)
        return Statistic(self.sign * float(law.mean[0]))

    def check_followed(self, course: Course) -> None:
        """InputError where nobody is followed for as long as the test asks for."""
        if self.test.at is not None and self.test.at >= course.time:
            what = f"nobody is followed so long before the analysis at {course.time:.4g} {self.time_unit}"
            raise InputError(what, where="‹test›", allowed="an earlier time, or more follow-up", got=self.test.at)

    @property
    def sign(self) -> float:
        """1 where fewer events are better, -1 where more are."""
        return 1.0 if self.scale.better == "lower" else -1.0

    def _of_events(self, effect: float, events: float, null: float) -> Statistic:
        share = self.allocation.active_share
        if self.method == "schoenfeld":
            return Statistic(self.scale.benefit(effect, null) * math.sqrt(events * share * (1.0 - share)))
        ratio = share / (1.0 - share)
        if self.method == "freedman":
            unit = math.sqrt(ratio) * (1.0 - effect) / (1.0 + ratio * effect)
        else:
            unit = math.sqrt(ratio) / (1.0 + ratio) * 2.0 * (1.0 - effect) / (1.0 + effect)
        return Statistic(self.sign * unit * math.sqrt(events))

    def _of_log_ratio(self, effect: float, course: Course, null: float) -> Statistic:
        ((reference, active),) = course.strata
        ratio = active.patients / reference.patients
        at_null = times_ratio(reference.hazard, (1.0 + effect * ratio) / (1.0 + null * ratio))
        arms = (replace(reference, hazard=at_null), replace(active, hazard=times_ratio(at_null, null)))
        spreads = [
            math.sqrt(sum(1.0 / events_of([arm], course.time) for arm in pair)) for pair in (arms, (reference, active))
        ]
        return Statistic(self.scale.benefit(effect, null) / spreads[0], spreads[1] / spreads[0])

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Patients that have the events of the formula, or the information of the law."""
        nulls = rule.nulls(self.scale)
        if len(nulls) > 1 or self.calendar.length is None or self.test.name == "max_combo":
            return None
        law = self.statistic(effect, 1.0, nulls[0])
        if law.mean == 0.0 or not math.isfinite(law.mean):
            what = "no events that differ between the arms are expected before the analysis"
            raise InputError(what, where="‹follow_up›", allowed="more follow-up", got=self.calendar.follow_up)
        if law.mean < 0.0 and not rule.either_way:
            return None
        return float(((rule.critical + law.sd * _NORMAL.inv_cdf(power)) / law.mean) ** 2)

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """Events and calendar, what the curves are, and the hazard ratio that is just significant."""
        course = self.course(effect, size)
        return {"events": course.events, **self.told(course), **self._critical(course.events, rule)}

    def _critical(self, events: float, rule: Rule) -> dict[str, float]:
        """Of the log-rank test, by the formula of Schoenfeld."""
        if self.test.name != "log_rank" or len(rule.nulls(self.scale)) > 1:
            return {}
        share = self.allocation.active_share
        spread = rule.critical / math.sqrt(events * share * (1.0 - share))
        return {"critical_hazard_ratio": self.scale.moved(rule.nulls(self.scale)[0], spread)}

    def told(self, course: Course) -> dict[str, Any]:
        """The calendar, and the average hazard ratio where it changes over time."""
        found: dict[str, Any] = {
            "analysis_time": course.time,
            "accrual_time": course.entered,
            "follow_up_time": max(course.time - course.entered, 0.0),
            "time_unit": self.time_unit,
        }
        if self.calendar.rates != CONSTANT:
            found["accrual_rates"] = self.calendar.scaled_rates(course.patients)
        if course.time < course.entered:
            found["entered_by_analysis"] = course.entered_by_analysis
        if not self.active.proportional:
            found["average_hazard_ratio"] = average_hazard_ratio(course.strata, course.time)
        if self.test.of_curves:
            ((reference, active),) = course.strata
            difference = self.test.difference(reference, active, course.time)
            ratio = self.test.name == "rmst_ratio"
            found["ratio" if ratio else "difference"] = math.exp(difference) if ratio else difference
        return found

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """What is expected in each arm."""
        return (self.arms_table(effect, self.course(effect, size)),)

    def arms_table(self, effect: float, course: Course) -> Table:
        """Patients, events and curve of each arm."""
        hazards = (self.active.at(effect), self.active.control)
        headers = ["Arm", "Patients", "Events", f"Median ({self.time_unit})"]
        rows = []
        for name, arm, hazard in zip(("active", "reference"), (1, 0), hazards, strict=True):
            arms = [pair[arm] for pair in course.strata]
            median = median_of(hazard)
            row = [name, sum(one.patients for one in arms), events_of(arms, course.time)]
            row.append(median if math.isfinite(median) else "never")
            if self.test.at is not None:
                row.append(survival_at(hazard, self.test.at))
            rows.append(tuple(row))
        if self.test.at is not None:
            headers.append(f"Event-free at {self.test.at:g}")
        note = "Medians are those of the control as stated." if len(self.strata) > 1 else ""
        return Table("Expected by arm", tuple(headers), tuple(rows), note)

    def at_look(self, effect: float, size: float, fraction: float) -> Mapping[str, float]:
        """Calendar, patients and events when this part of the events has been seen."""
        course = self.course_at(effect, size, fraction)
        found = {"time": course.time, "enrolled": course.entered_by_analysis, "events": course.events}
        if not self.active.proportional:
            found["average_hazard_ratio"] = average_hazard_ratio(course.strata, course.time)
        return found

    def stopped_at(self, true: float, effect: float, size: float, fraction: float) -> Mapping[str, float]:
        """Events, time and patients when a part of the planned events is seen while a `true` hazard ratio holds."""
        course = self.course_under(true, effect, size, fraction)
        return {"events": course.events, "time": course.time, "enrolled": course.entered_by_analysis}

    def course_under(self, true: float, effect: float, size: float, fraction: float) -> Course:
        """The trial planned for an effect when a part of its planned events is seen while a `true` one holds."""
        events = fraction * self.course(effect, size).events
        course = self.course(true, size)
        return replace(course, time=time_of_events(course.strata, events))

    def statistic_under(self, true: float, effect: float, size: float, null: float, fraction: float) -> Statistic:
        """The law of z in that trial: analyses come with their events, whichever effect holds."""
        return self._law(true, self.course_under(true, effect, size, fraction), null)

    def information_under(self, true: float, effect: float, size: float, fraction: float) -> float:
        """What `information_at` is, in that trial."""
        if self.method in PROPORTIONAL or fraction == 1.0:
            return fraction
        early, late = (
            self.test.information(course.strata, course.time)
            for course in (self.course_under(true, effect, size, share) for share in (fraction, 1.0))
        )
        return early / late

    def information_at(self, effect: float, size: float, fraction: float) -> float:
        """Variance of the score in parts of that at the end; of curves, of the difference's inverse variance."""
        if self.method in PROPORTIONAL or fraction == 1.0:
            return fraction
        early, late = (
            self.test.information(course.strata, course.time)
            for course in (self.course_at(effect, size, fraction), self.course(effect, size))
        )
        return early / late

    @property
    def follows_events(self) -> bool:
        """Whether information is in events: not for curves compared up to or at a time."""
        return self.test.name not in ("rmst", "rmst_ratio", "milestone")

    def trigger_at(self, effect: float, size: float, fraction: float) -> str:
        """What brings about an interim analysis in a scenario."""
        return f"events >= {round(fraction * self.course(effect, size).events)}"

    def effect_at(self, z: float, effect: float, size: float, null: float, fraction: float) -> float:
        """The hazard ratio that z stands for at an analysis, by the events seen."""
        share = self.allocation.active_share
        events = fraction * self.course(effect, size).events
        return null * math.exp(-self.sign * z / math.sqrt(events * share * (1.0 - share)))


@lru_cache(maxsize=512)
def _course_at(question: SurvivalQuestion, effect: float, size: float, fraction: float) -> Course:
    whole = question.course(effect, size)
    if fraction == 1.0:
        return whole
    events = fraction * whole.events
    time = root(lambda at: events_of(whole.arms, at) - events, 0.0, whole.time)
    return replace(whole, time=time)

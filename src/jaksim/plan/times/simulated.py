"""Power of a planned survival trial by drawing it many times, patient by patient, in continuous time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jaksim.formulas.hazards import times_ratio
from jaksim.formulas.largest_normal import critical_largest
from jaksim.formulas.survival_draws import drawn_trials
from jaksim.plan.rule import Rule
from jaksim.plan.times.course import Course
from jaksim.plan.times.events_question import EventsQuestion
from jaksim.plan.times.question import SurvivalQuestion

LONGER = 3.0
"""A trial that ends with its events may take so many times as long as expected."""


def simulated_power(
    question: SurvivalQuestion, effect: float, size: float, rule: Rule, *, replicates: int, seed: int
) -> tuple[float, float]:
    """Power and its Monte Carlo standard error; the same seed and replicates give the same numbers.

    Every trial has the same patients in each arm and stratum, rounded; a trial planned by its events is analysed when
    it has seen them.
    """
    course = question.course(effect, size)
    by_events = isinstance(question, EventsQuestion) and question.entering is not None
    time = LONGER * course.time if by_events else course.time
    passed = np.zeros(2)
    nulls = rule.nulls(question.scale)
    signs = [question.sign, -question.sign][: len(nulls)]
    if rule.either_way and question.scale.benefit(effect, nulls[0]) < 0.0:
        signs = [-question.sign]
    bounds = [_critical(question, course, rule, null) for null in nulls]
    shifts = [_shift(question, course, null) for null in nulls]
    for drawn in drawn_trials(
        course.strata, time, events=round(size) if by_events else None, replicates=replicates, seed=seed
    ):
        shown = np.ones(len(drawn[0].time), dtype=np.bool_)
        for null, shift, sign, bound in zip(nulls, shifts, signs, bounds, strict=True):
            z = question.test.z(drawn, null=null, shift=shift)
            shown &= (sign * z).max(axis=1) > bound
        passed += (shown.sum(), len(shown))
    power = float(passed[0] / passed[1])
    return power, math.sqrt(power * (1.0 - power) / passed[1])


def _critical(question: SurvivalQuestion, course: Course, rule: Rule, null: float) -> float:
    if question.test.name != "max_combo":
        return rule.critical
    law = question.test.law(course.strata, course.time, null=null)
    return critical_largest(rule.one_sided_alpha, law.covariance)


def _shift(question: SurvivalQuestion, course: Course, null: float) -> float:
    """The difference of the curves when the null hazard ratio holds."""
    if null == 1.0 or not question.test.of_curves:
        return 0.0
    ((reference, active),) = course.strata
    return question.test.difference(reference, replace(active, hazard=times_ratio(reference.hazard, null)), course.time)

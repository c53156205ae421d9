"""What the power of a survival plan is by other means, where its formula is known to be off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from jaksim.plan.question import Beside
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Statistic
from jaksim.plan.times.events_question import EventsQuestion
from jaksim.plan.times.question import BY_EVENTS, SurvivalQuestion
from jaksim.plan.times.simulated import simulated_power

FEW_EVENTS: Final = 100.0
FAR: Final = math.log(2.0)
ALIKE: Final = "nothing is taken for granted about large samples"
PATIENTS_DRAWN: Final = 400_000
LEAST_DRAWN: Final = 400
MOST_DRAWN: Final = 4000


def besides(question: SurvivalQuestion, effect: float, size: float, rule: Rule) -> Iterator[Beside]:
    """The law of those at risk beside a formula that knows only events, and trials drawn patient by patient."""
    by_events = isinstance(question, EventsQuestion)
    calendar = question.has_calendar if isinstance(question, EventsQuestion) else True
    events = size if by_events else question.course(effect, size).events
    why = _why(question, effect, events)
    if not why:
        return
    if not calendar:
        yield from _other_formula(question, effect, size, rule, why)
        return
    told = False
    if question.method not in ("lakatos", "curves", "largest"):
        course = question.course(effect, size)
        laws = [
            Statistic(question.sign * float(question.test.law(course.strata, course.time, null=null).mean[0]))
            for null in rule.nulls(question.scale)
        ]
        yield Beside(rule.power(laws), "law of those at risk (Lakatos)", why)
        told = True
    patients = question.course(effect, size).patients
    drawn = min(MOST_DRAWN, int(PATIENTS_DRAWN / patients)) // 100 * 100
    if drawn >= LEAST_DRAWN:
        power, error = simulated_power(question, effect, size, rule, replicates=drawn, seed=1)
        yield Beside(power, f"{drawn:,} trials drawn patient by patient", ALIKE if told else why, error)


def _why(question: SurvivalQuestion, effect: float, events: float) -> str:
    reasons = []
    if events < FEW_EVENTS:
        reasons.append(f"there are fewer than {FEW_EVENTS:g} events")
    if question.test.name == "log_rank" and abs(math.log(effect)) > FAR:
        reasons.append("the hazard ratio is far from 1")
    if question.test.name in ("fleming_harrington", "max_combo"):
        reasons.append("weights that hang on survival change the variance of z under the effect")
    if question.method in BY_EVENTS and question.allocation.active != question.allocation.reference:
        reasons.append("the arms are unequal")
    return ", and ".join(reasons)


def _other_formula(
    question: EventsQuestion | SurvivalQuestion, effect: float, size: float, rule: Rule, why: str
) -> Iterator[Beside]:
    """Without a calendar, what the other formula for events says."""
    if rule.margin is not None:
        return
    name = "freedman" if question.method == "schoenfeld" else "schoenfeld"
    power = rule.power([replace(question, method=name).statistic(effect, size, 1.0)])
    yield Beside(power, f"formula of {name.capitalize()}; the truth hangs on the calendar, which is not known", why)

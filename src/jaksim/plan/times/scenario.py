"""The scenario file that says the same as a planned survival trial."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from jaksim.formulas.hazards import Hazard, cumulative
from jaksim.piecewise import PiecewiseConstant
from jaksim.plan.question import NoScenario
from jaksim.plan.rule import EQUIVALENCE, Rule
from jaksim.plan.times.course import Course
from jaksim.plan.times.events_question import EventsQuestion
from jaksim.plan.times.question import SurvivalQuestion
from jaksim.plan.times.tests import words_of

DAYS: Final = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12.0, "years": 365.25}
STEPS: Final = (
    ("days", 1.0),
    ("weeks", 7.0),
    ("half months", 365.25 / 24.0),
    ("months", 365.25 / 12.0),
    ("quarters of a year", 365.25 / 4.0),
)
MOST_STEPS: Final = 400
WEIBULL_PIECES: Final = 24
METHODS: Final = {
    "log_rank": "log_rank",
    "gehan": "weighted_log_rank",
    "fleming_harrington": "weighted_log_rank",
    "modestly_weighted": "modestly_weighted_log_rank",
    "max_combo": "max_combo",
    "rmst": "rmst_difference",
    "rmst_ratio": "rmst_ratio",
    "milestone": "kaplan_meier_difference",
}


def scenario_of(question: SurvivalQuestion, effect: float, size: float, rule: Rule, *, to_events: bool = False) -> str:
    """The file as text; NoScenario where a scenario cannot say the same. A trial in patients ends on a day unless it
    goes on `to_events`."""
    _check(question, rule)
    course = question.course(effect, size)
    name, per_step = _step(course.time * DAYS[question.time_unit])
    step = per_step / DAYS[question.time_unit]
    by_events = to_events or isinstance(question, EventsQuestion)
    return "\n".join(_File(question, course, effect, size, rule, name, step, to_events=by_events).lines())


def _check(question: SurvivalQuestion, rule: Rule) -> None:
    if isinstance(question, EventsQuestion) and not question.has_calendar:
        raise NoScenario("a plan by events alone has no calendar; give --accrual and --follow-up or --patients")
    if rule.margin is not None and question.test.name != "log_rank":
        raise NoScenario("the margin is a hazard ratio, and this test has another scale")


def _step(days: float) -> tuple[str, float]:
    """The shortest step of which the trial has not too many."""
    for name, length in STEPS:
        if days / length <= MOST_STEPS:
            return name, length
    raise NoScenario(f"a scenario has at most {MOST_STEPS} steps of a quarter of a year")


class _File:
    """One file; `step` is the length of its days in the unit of the plan."""

    def __init__(
        self,
        question: SurvivalQuestion,
        course: Course,
        effect: float,
        size: float,
        rule: Rule,
        name: str,
        step: float,
        *,
        to_events: bool,
    ) -> None:
        self.question, self.course, self.effect, self.size = question, course, effect, size
        self.rule, self.name, self.step = rule, name, step
        self.to_events = to_events
        self.days = max(1, math.ceil(course.time / step - 1e-9))

    def lines(self) -> Iterator[str]:
        question = self.question
        patients = question.allocation.whole(self.course.patients)
        # Reports count days, so that title and description, which they print, say what a day is.
        in_steps, counted = "", ""
        if self.name != "days":
            in_steps = f" ({self.name} for days)"
            length = "" if self.name == question.time_unit else f", a day {self.step:.6g} {question.time_unit}"
            counted = f"; days in this file and its reports are {self.name}{length}"
        yield f'title = "A trial planned with `jaksim plan survival`{in_steps}"'
        yield f'description = "{question.about}; hazard ratio {self.effect:.4g}{counted}"'
        yield from self._disease()
        yield from ("", "[population]", f"patients = {patients}")
        for number, (part, _) in enumerate(question.strata):
            name = "all" if len(question.strata) == 1 else f"stratum {number + 1}"
            weight = [] if len(question.strata) == 1 else [f"weight = {part!r}"]
            yield from ("", "[[population.stratum]]", f'name = "{name}"', *weight, f"baseline_score = {number}")
        yield from ("", "[follow_up]", f"days = {self.days}", "day_of_randomisation = 0")
        parts = (question.allocation.reference, question.allocation.active)
        yield from ("", "[[arm]]", 'name = "control"', "regimen = []", f"allocation = {parts[0]}", "reference = true")
        yield from ("", "[[arm]]", 'name = "active"', 'regimen = ["drug"]', f"allocation = {parts[1]}")
        yield from self._withdrawal()
        yield from self._calendar(patients)
        yield from ("", "[[endpoint]]", 'name = "time to the event"', 'kind = "time_to_event"', 'set = "dead"')
        yield from (f"day = {self.days}", *([] if question.sign > 0.0 else ['better = "event"']))
        yield from (*self._analysis(), "")

    def _disease(self) -> Iterator[str]:
        strata = self.question.strata
        dead = len(strata)
        if dead == 1:
            yield from ("", "[disease]", 'scale = "survival"')
        else:
            yield from ("", "# Each stratum waits for the event in a state of its own.", "[disease.scale]")
            yield from ('name = "strata"', "higher_is_worse = true", f"absorbing = [{dead}]", "status = [")
            yield from (f'    {{ score = {one}, label = "stratum {one + 1}" }},' for one in range(dead))
            yield from (f'    {{ score = {dead}, label = "dead" }},', "]", f"sets = {{ dead = [{dead}] }}")
        yield from ("", "[disease.natural_history]", 'assumption = "planned"')
        for number, (_, factor) in enumerate(strata):
            yield from ("", "[[disease.natural_history.move]]", f'move = "{number}>{dead}"')
            cuts, values = self._pieces(self.question.active.control)
            yield from [f"cuts = [{_list(cuts)}]"] if cuts else []
            yield f"values = [{_list([factor * value for value in values])}]  # per day of this file"
        yield from self._treatment()

    def _pieces(self, hazard: Hazard) -> tuple[list[float], list[float]]:
        if isinstance(hazard, PiecewiseConstant):
            cuts = [cut for cut in hazard.cuts if cut < self.course.time]
            return [cut / self.step for cut in cuts], [v * self.step for v in hazard.values[: len(cuts) + 1]]
        corners = {*np.linspace(0.0, self.course.time, WEIBULL_PIECES + 1).tolist(), *hazard.cuts}
        edges = np.array(sorted(corner for corner in corners if corner <= self.course.time))
        rates = np.diff(cumulative(hazard, edges)) / np.diff(edges)
        return (edges[1:-1] / self.step).tolist(), (rates * self.step).tolist()

    def _treatment(self) -> Iterator[str]:
        yield from ("", "[disease.treatments.drug]", 'source = "the effect that the plan was made for"')
        active, dead = self.question.active, len(self.question.strata)
        moves = ", ".join(f'"{number}>{dead}"' for number in range(dead))
        if active.given is None:
            window = f"window = {{ start = {active.delay / self.step:.8g} }}" if active.delay > 0.0 else None
            yield from _effect(moves, self.effect, window)
            return
        hazard, control = active.at(self.effect), active.control
        starts = sorted({0.0, *(cut for cut in (*hazard.cuts, *control.cuts) if cut < self.course.time)})
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            ratio = hazard(start) / control(start) if control(start) > 0.0 else 1.0
            if ratio == 0.0:
                raise NoScenario("an intensity of a scenario is not multiplied by 0")
            if ratio != 1.0:
                last = "" if end is None else f", end = {end / self.step:.8g}"
                yield from _effect(moves, ratio, f"window = {{ start = {start / self.step:.8g}{last} }}")

    def _withdrawal(self) -> Iterator[str]:
        cuts, values = self._pieces(self.question.calendar.dropout)
        for start, end, value in zip([0.0, *cuts], [*cuts, None], values, strict=True):
            if value > 0.0:
                yield from ("", "[[withdrawal]]", f"per_day = {value:.8g}", 'assumption = "planned"')
                yield from [f"start = {start:.8g}"] if start > 0.0 else []
                yield from [] if end is None else [f"end = {end:.8g}"]

    def _calendar(self, patients: int) -> Iterator[str]:
        calendar, course = self.question.calendar, self.course
        if course.entered == 0.0 and not isinstance(self.question, EventsQuestion):
            return
        if course.entered > 0.0:
            everyone = float(cumulative(calendar.rates, np.array([course.entered]))[0])
            cuts = [cut for cut in calendar.rates.cuts if cut < course.entered]
            rates = [rate * patients / everyone * self.step for rate in calendar.rates.values[: len(cuts) + 1]]
        else:
            cuts, rates = [], [1e3 * patients]
        yield from ("", "[accrual]", f"rates = [{_list(rates)}]  # patients per day of this file")
        yield from [f"cuts = [{_list([cut / self.step for cut in cuts])}]"] if cuts else []
        yield from ('arrivals = "even"', 'assumption = "planned"', "", "[monitoring]")
        if self.to_events:
            last = self.question.trigger_at(self.effect, self.size, 1.0)
            yield from (f'last = "{last}"', f"maximum = {last.removeprefix('events >= ')}")
        else:
            yield f'last = "day >= {self.days}"'

    def _analysis(self) -> Iterator[str]:
        test, rule = self.question.test, self.rule
        yield from ("", "[[analysis]]", f"# {words_of(test, self.question.time_unit)}")
        yield from ('endpoint = "time to the event"', f'method = "{METHODS[test.name]}"', 'role = "primary"')
        sides = 1 if rule.hypothesis == EQUIVALENCE else rule.sides
        yield from (f"alpha = {rule.alpha:.10g}", f"sides = {sides}")
        if rule.margin is not None:
            null = rule.nulls(self.question.scale)[0]
            yield from (f'hypothesis = "{rule.hypothesis}"', f"margin = {null:.10g}")
        options = self._options()
        if options:
            yield f"options = {{ {options} }}"

    def _options(self) -> str:
        test = self.question.test
        (weight, *_) = test.weights
        at = "" if test.at is None else f"{test.at / self.step:.8g}"
        pairs = ", ".join(f"[{one.rho:g}, {one.gamma:g}]" for one in test.weights)
        modest = "" if weight.modest is None else f"t_star = {round(weight.modest / self.step)}"
        return {
            "log_rank": "",
            "gehan": 'weight = "gehan"',
            "fleming_harrington": f"rho = {weight.rho:g}, gamma = {weight.gamma:g}",
            "modestly_weighted": modest,
            "max_combo": f'weights = [{pairs}], alternative = "benefit"',
            "rmst": f"tau = {at}",
            "rmst_ratio": f"tau = {at}",
            "milestone": f"day = {at}",
        }[test.name]


def _effect(moves: str, ratio: float, window: str | None) -> Iterator[str]:
    yield from ("", "[[disease.treatments.drug.effect]]", f"moves = [{moves}]", f"hazard_ratio = {ratio:.10g}")
    yield from [] if window is None else [window]


def _list(values: list[float]) -> str:
    return ", ".join(f"{value:.8g}" for value in values)

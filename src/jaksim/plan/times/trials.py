"""The questions of `plan survival` as they are asked: with their scenario, what stands beside them, and MaxCombo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.formulas.largest_normal import all_below, critical_largest
from jaksim.plan.question import Beside
from jaksim.plan.rule import Rule
from jaksim.plan.times.beside import besides
from jaksim.plan.times.events_question import EventsQuestion
from jaksim.plan.times.question import SurvivalQuestion
from jaksim.plan.times.scenario import scenario_of
from jaksim.plan.times.simulated import simulated_power


class _AsAsked(SurvivalQuestion):
    """What both have: simulated power, and scenarios."""

    def power(self, effect: float, size: float, rule: Rule) -> float:
        """Power with one analysis."""
        return _power(self, effect, size, rule) if self.test.name == "max_combo" else super().power(effect, size, rule)

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The power by other means where the formula is known to be off."""
        return tuple(besides(self, effect, size, rule))

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """The scenario with these curves and this calendar."""
        return scenario_of(self, effect, size, rule)

    def sequential_scenario(self, effect: float, size: int, rule: Rule) -> str:
        """The same, ended by the planned events where events bring about its interim analyses."""
        return scenario_of(self, effect, size, rule, to_events=self.follows_events)

    def simulated(self, effect: float, size: int, rule: Rule, replicates: int, seed: int) -> Beside | None:
        """Drawn here where there is no scenario, for a margin of a test of curves."""
        return _drawn(self, effect, size, rule, replicates, seed)


@dataclass(frozen=True)
class SurvivalTrial(_AsAsked):
    """With the size in patients."""


@dataclass(frozen=True)
class EventsTrial(_AsAsked, EventsQuestion):
    """With the size in events."""


def _drawn(
    question: SurvivalQuestion, effect: float, size: float, rule: Rule, replicates: int, seed: int
) -> Beside | None:
    if rule.margin is None or question.test.name == "log_rank":
        return None
    power, error = simulated_power(question, effect, size, rule, replicates=replicates, seed=seed)
    return Beside(power, f"drawn patient by patient, {replicates:,} trials, seed {seed}", "", error)


def _power(question: SurvivalQuestion, effect: float, size: float, rule: Rule) -> float:
    """Probability that the largest z passes the critical value that its correlations have."""
    course = question.course(effect, size)
    null = rule.nulls(question.scale)[0]
    law = question.test.law(course.strata, course.time, null=null)
    mean = question.sign * law.mean
    if rule.either_way and question.scale.benefit(effect, null) < 0.0:
        mean = -mean
    critical = critical_largest(rule.one_sided_alpha, law.covariance)
    return 1.0 - all_below(critical, mean, law.covariance)

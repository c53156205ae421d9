"""What a kind of question must say, so that power, size and effect can be solved for and reported alike."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaksim.arrays import Floats
from jaksim.plan.allocation import Allocation
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Scale, Statistic


@dataclass(frozen=True)
class Formula:
    """The name of a formula, where it was published, and what it leaves out, in one sentence each."""

    name: str
    source: str
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """The power of the same trial by other means, and why that is told; `name` heads its column of a table."""

    power: float
    how: str
    why: str
    mc_se: float | None = None
    name: str = "beside"


@dataclass(frozen=True)
class Table:
    """A table that a kind, or a plan of interim analyses, adds to the report of one design."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


class NoScenario(Exception):
    """No scenario says the same as a design; the message says why."""


@dataclass(frozen=True)
class Question(ABC):
    """Everything about a trial but its power, its size and, where it is sought, its effect.

    `effect` is on the `scale`, None where it is to be solved for. A size that is sought is rounded to whole
    patients; `about` is the outcome and the test in a few words; `unit` is how large a difference
    that is sought may be, such as a standard deviation;
    `said_by` is the option that the effect was given by, where that is not the scale's.
    """

    scale: Scale
    allocation: Allocation
    effect: float | None
    about: str = field(default="", kw_only=True)
    unit: float = field(default=1.0, kw_only=True)
    said_by: str | None = field(default=None, kw_only=True)

    @property
    def effect_option(self) -> str:
        """The option that a message about the effect is about."""
        return self.said_by or self.scale.name

    @property
    def size_name(self) -> str:
        """The option that gives the size: patients, or events."""
        return "patients"

    @property
    def one_effect(self) -> bool:
        """Whether the effect is more than its value on the scale says, so that there is no other to compare it with."""
        return False

    @abstractmethod
    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of the z of the test against `null`, both on the scale, in a trial of this size."""

    @abstractmethod
    def formula(self) -> Formula:
        """The formula that `statistic` is."""

    def statistic_at(self, effect: float, size: float, null: float, fraction: float) -> Statistic:
        """The law at an interim analysis with this fraction of the information."""
        return self.statistic(effect, size, null).at(fraction)

    def power(self, effect: float, size: float, rule: Rule) -> float:
        """Power of a trial with one analysis."""
        return rule.power([self.statistic(effect, size, null) for null in rule.nulls(self.scale)])

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """The size by the paper's own formula, not rounded; None where it has none, and the size is solved for."""
        return None

    def largest_size(self, effect: float) -> float:
        """The size that no trial passes; infinite where there is none."""
        return math.inf

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """What else is known of a design, plain values by name."""
        return {}

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """Tables that the report of one design has besides."""
        return ()

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The power by better means where the formula is known to be off."""
        return ()

    def draws(
        self, effect: float, size: int, rule: Rule, shares: tuple[float, ...], replicates: int, seed: int
    ) -> Floats | None:
        """z about each null at analyses with these shares of the information (nulls, replicates, K), above 0 for a
        benefit, of trials that the kind draws itself; None: it has `simulated`, or its scenario is simulated."""
        return None

    def simulated(self, effect: float, size: int, rule: Rule, replicates: int, seed: int) -> Beside | None:
        """The power in simulated trials, of a kind that draws its outcomes itself; None: its scenario is simulated."""
        return None

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """The scenario file that says the same; NoScenario where there is none."""
        raise NoScenario("this kind of trial has no scenario")

    def sequential_scenario(self, effect: float, size: int, rule: Rule) -> str:
        """The same of a trial with interim analyses, which are added to it."""
        return self.scenario(effect, size, rule)

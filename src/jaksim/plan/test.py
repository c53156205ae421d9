"""The test that a plan is made for, with one analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.plan.question import Beside, Question, Table
from jaksim.plan.rule import Rule


class Test(Protocol):
    """A rule, applied once or at several analyses."""

    @property
    def rule(self) -> Rule:
        """What is to be shown."""

    def power(self, question: Question, effect: float, size: float) -> float:
        """Power of the trial."""

    def closed_size(self, question: Question, effect: float, power: float) -> float | None:
        """The size, not rounded, where it need not be solved for."""

    def facts(self, question: Question, effect: float, size: float) -> Mapping[str, Any]:
        """What the test adds to what is known of a design, plain values by name."""

    def beside(self, question: Question, effect: float, size: float) -> Sequence[Beside]:
        """The power by better means where the formula of the question is known to be off."""

    def tables(self, question: Question, effect: float, size: float) -> Sequence[Table]:
        """Tables that the test adds to the report of one design."""

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the information at the analyses."""

    def shown(self, question: Question, effect: float, size: float, z: Floats) -> Booleans:
        """Whether trials (R,) with these z about each null at each analysis (nulls, R, K) show the hypothesis, in the
        direction of the effect."""

    def scenario(self, question: Question, effect: float, size: int) -> str:
        """The scenario file that says the same; NoScenario where there is none."""


def sign_of(question: Question, effect: float, rule: Rule) -> float:
    """-1 for an effect to the worse that a two-sided test looks for, else 1."""
    return -1.0 if rule.either_way and question.scale.benefit(effect, question.scale.neutral) < 0.0 else 1.0


@dataclass(frozen=True)
class FixedTest:
    """One analysis at the end."""

    rule: Rule

    def power(self, question: Question, effect: float, size: float) -> float:
        """Power of the trial."""
        return question.power(effect, size, self.rule)

    def closed_size(self, question: Question, effect: float, power: float) -> float | None:
        """The size by the formula of the paper, where it has one."""
        return question.closed_size(effect, self.rule, power)

    def facts(self, question: Question, effect: float, size: float) -> Mapping[str, Any]:
        """Nothing."""
        return {}

    def beside(self, question: Question, effect: float, size: float) -> Sequence[Beside]:
        """What the question itself tells."""
        return question.beside(effect, size, self.rule)

    def tables(self, question: Question, effect: float, size: float) -> Sequence[Table]:
        """None."""
        return ()

    @property
    def shares(self) -> tuple[float, ...]:
        """All of the information."""
        return (1.0,)

    def shown(self, question: Question, effect: float, size: float, z: Floats) -> Booleans:
        """Whether the last z passes, and of equivalence the one about the better limit too."""
        found = sign_of(question, effect, self.rule) * z[0, :, -1] > self.rule.critical
        return np.asarray(found if len(z) == 1 else found & (z[1, :, -1] < -self.rule.critical))

    def scenario(self, question: Question, effect: float, size: int) -> str:
        """The scenario of the question."""
        return question.scenario(effect, size, self.rule)

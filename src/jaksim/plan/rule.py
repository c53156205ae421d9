"""What a test has to show, at which level, and with which probability it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from jaksim.checks import known, number
from jaksim.errors import InputError
from jaksim.plan.statistic import Scale, Statistic

SUPERIORITY: Final = "superiority"
NON_INFERIORITY: Final = "non-inferiority"
EQUIVALENCE: Final = "equivalence"
HYPOTHESES: Final = (SUPERIORITY, NON_INFERIORITY, EQUIVALENCE)
ONE_SIDED: Final = 0.025
SMALLEST_LEVEL: Final = 1e-12
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Rule:
    """A hypothesis with its margin, the level, and its sides; with two sides `alpha` is that of both together.

    Equivalence is shown by two one-sided tests, each at the level `alpha`.
    """

    hypothesis: str = SUPERIORITY
    alpha: float = 2.0 * ONE_SIDED
    sides: int = 2
    margin: float | None = None

    @property
    def one_sided_alpha(self) -> float:
        """Level of the tail that counts."""
        return self.alpha / self.sides

    @property
    def critical(self) -> float:
        """What z must pass."""
        return _NORMAL.inv_cdf(1.0 - self.one_sided_alpha)

    @property
    def either_way(self) -> bool:
        """Whether the active arm may turn out better or worse."""
        return self.sides == 2 and self.hypothesis == SUPERIORITY and self.margin is None

    def nulls(self, scale: Scale) -> tuple[float, ...]:
        """The effects that the tests reject: one, or the worse and the better limit of equivalence."""
        if self.margin is None:
            return (scale.neutral,)
        worse, better = scale.limits(self.margin)
        if self.hypothesis == EQUIVALENCE:
            return worse, better
        if scale.ratio and (self.margin == worse) != (self.hypothesis == NON_INFERIORITY):
            side = "below 1" if (scale.better == "higher") == (self.hypothesis == NON_INFERIORITY) else "above 1"
            raise InputError(
                f"the margin of {self.hypothesis} is on the other side of 1",
                where="‹margin›",
                allowed=f"{side}: {scale.better} values of the {scale.words} are better",
                got=self.margin,
            )
        return (worse if self.hypothesis == NON_INFERIORITY else better,)

    def power(self, laws: Sequence[Statistic], critical: float | None = None) -> float:
        """Probability that the test shows its hypothesis, given the laws of z about each null.

        Two-sided tests count in the direction of the effect only.
        """
        passed = self.critical if critical is None else critical
        first = laws[0]
        mean = abs(first.mean) if self.either_way else first.mean
        power = _NORMAL.cdf((mean - passed) / first.sd)
        if len(laws) == 1:
            return power
        (other,) = laws[1:]
        return max(power + _NORMAL.cdf((-other.mean - passed) / other.sd) - 1.0, 0.0)


def rule_of(hypothesis: str | None, alpha: float | None, sides: int | None, margin: float | None) -> Rule:
    """The rule with what was left out filled in; InputError for what contradicts itself or is out of range."""
    if hypothesis is None:
        if margin is not None:
            raise InputError("says of what the margin is", where="‹hypothesis›", allowed=HYPOTHESES)
        hypothesis = SUPERIORITY
    hypothesis = hypothesis.replace("_", "-")
    known(hypothesis, HYPOTHESES, "hypothesis", "‹hypothesis›")
    if sides not in (None, 1, 2):
        raise InputError("a test has one side or two", where="‹sides›", allowed=("1", "2"), got=sides)
    if hypothesis == EQUIVALENCE and sides == 2:
        raise InputError("equivalence is shown by two one-sided tests", where="‹sides›", allowed="1", got=sides)
    count = sides or (2 if hypothesis == SUPERIORITY and margin is None else 1)
    level = ONE_SIDED * count if alpha is None else number(alpha, "‹alpha›")
    if not SMALLEST_LEVEL <= level < 0.5 * count:
        allowed = f"above {SMALLEST_LEVEL:g} and below {0.5 * count:g}"
        raise InputError("out of range", where="‹alpha›", allowed=allowed, got=level)
    if margin is None and hypothesis != SUPERIORITY:
        raise InputError(f"{hypothesis} has a margin", where="‹margin›", allowed="a margin on the effect's scale")
    return Rule(hypothesis, level, count, margin)

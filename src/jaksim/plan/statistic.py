"""The law of a test statistic, and the scale of the effect that it tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaksim.errors import InputError

BETTER = ("higher", "lower")


@dataclass(frozen=True)
class Statistic:
    """The law of z in large samples: normal, its mean above 0 where the active arm does better than the null.

    `sd` is that of the statistic over the standard error that the test itself uses, which is often that of the null.
    """

    mean: float
    sd: float = 1.0

    def at(self, fraction: float) -> Statistic:
        """The law with this fraction of the information."""
        return Statistic(self.mean * math.sqrt(fraction), self.sd)


@dataclass(frozen=True)
class Scale:
    """The scale of an effect, named as the option that gives it: a ratio, or a difference.

    `better` says on which side of no effect benefit lies; an effect is sought between `low` and `high`.
    """

    name: str
    ratio: bool
    better: str = "higher"
    low: float = -math.inf
    high: float = math.inf
    margin_name: str | None = None

    @property
    def neutral(self) -> float:
        """No effect."""
        return 1.0 if self.ratio else 0.0

    @property
    def words(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    def benefit(self, effect: float, null: float) -> float:
        """How much better an effect is than a null: of ratios the difference of logarithms."""
        distance = math.log(effect / null) if self.ratio else effect - null
        return distance if self.better == "higher" else -distance

    def moved(self, null: float, benefit: float) -> float:
        """The effect that is better than the null by so much."""
        signed = benefit if self.better == "higher" else -benefit
        return null * math.exp(signed) if self.ratio else null + signed

    def limits(self, margin: float) -> tuple[float, float]:
        """The worse and the better of the two effects that a margin stands for."""
        if not (margin > 0.0 and margin != self.neutral and math.isfinite(margin)):
            allowed = "a ratio above 0 other than 1" if self.ratio else "an amount above 0"
            raise InputError("is no margin", where="‹margin›", allowed=allowed, got=margin)
        low, high = (min(margin, 1.0 / margin), max(margin, 1.0 / margin)) if self.ratio else (-margin, margin)
        return (low, high) if self.better == "higher" else (high, low)

"""z values and drifts on the scale of an analysis: what effect an estimate at a bound has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaksim.design.analyses.evaluation import Test
from jaksim.ratio import ratio_of


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of an analysis: estimates there are logarithms where `ratio` is the name of a ratio.

    `against` is what z is tested against: the null, or a margin. `sign` is 1 where larger estimates are better.
    """

    method: str
    kind: str
    ratio: str | None
    against: float
    sign: int

    @classmethod
    def of(cls, test: Test) -> Scale:
        """That of a planned analysis; of equivalence, the margin on the worse side."""
        method = test.method
        against = test.targets[0] if test.targets else method.null
        return cls(method.name, method.scale, method.ratio_name, float(against), test.favourable_sign)

    def estimate(self, z: float, standard_error: float) -> float:
        """The estimate whose distance from what it is tested against is z standard errors, to the better side."""
        return self.against + self.sign * z * standard_error

    def interval(self, low: float, high: float, standard_error: float) -> tuple[float, float]:
        """An interval of z as one of estimates, the smaller first."""
        ends = sorted((self.estimate(low, standard_error), self.estimate(high, standard_error)))
        return ends[0], ends[1]

    def shown(self, estimate: float) -> float:
        """An estimate as it is stated: a ratio in place of its logarithm."""
        return ratio_of(estimate) if self.kind == "log_ratio" and math.isfinite(estimate) else estimate

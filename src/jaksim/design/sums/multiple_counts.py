"""How often the hypotheses of a procedure for several hypotheses are rejected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.design.sums.precision import standard_error


@dataclass(slots=True)
class MultipleCounts:
    """Replicates in which each hypothesis is rejected, one at least, all, and one at least of those that are true."""

    rejections: list[int]
    any_rejection: int = 0
    all_rejections: int = 0
    any_error: int = 0

    @classmethod
    def of(cls, rejected: NDArray[np.bool_], true: NDArray[np.bool_]) -> MultipleCounts:
        """Counts over the replicates of rejected (H, B); true (H,) are the hypotheses that hold."""
        return cls(
            [int(row.sum()) for row in rejected],
            int(rejected.any(axis=0).sum()),
            int(rejected.all(axis=0).sum()),
            int(rejected[true].any(axis=0).sum()),
        )

    def add(self, other: MultipleCounts) -> None:
        """Add the counts of other replicates."""
        self.rejections = [mine + theirs for mine, theirs in zip(self.rejections, other.rejections, strict=True)]
        self.any_rejection += other.any_rejection
        self.all_rejections += other.all_rejections
        self.any_error += other.any_error


@dataclass(frozen=True)
class AdjustedPower:
    """Share of replicates in which a procedure rejects, with its Monte Carlo standard error."""

    name: str
    power: float
    mc_se: float

    @classmethod
    def of(cls, name: str, count: int, replicates: int) -> AdjustedPower:
        return cls(name, count / replicates, standard_error(count, replicates))


@dataclass(frozen=True)
class MultiplicityResult:
    """What a procedure for several hypotheses rejects.

    `analyses` have the power of each under the procedure; `any_rejection` (disjunctive power) and `all_rejections`
    (conjunctive) are shares of replicates. `familywise_error` is, in each configuration by name in which some of the
    hypotheses are true, the share in which one of those is rejected.
    """

    procedure: str
    alpha: float
    sides: int
    analyses: tuple[AdjustedPower, ...]
    any_rejection: AdjustedPower
    all_rejections: AdjustedPower
    familywise_error: tuple[AdjustedPower, ...]

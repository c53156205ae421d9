"""What a run keeps of its replicates: integer sums, so that any order of adding gives the same bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jaksim.analysis.counts import Z
from jaksim.design.sums.fixed_point import FIXED_POINT_BITS, fixed_point_sum, from_fixed_point
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.multiple_counts import MultipleCounts


@dataclass(slots=True)
class Tally:
    """Sums over replicates of one analysis.

    `estimable` replicates gave a finite estimate and standard error, which the fixed-point sums are of; `tested` ones
    gave a test statistic, and only those can reject. Either can be without the other. `favourable` counts the
    rejections in which the active arm did better.
    """

    estimable: int = 0
    tested: int = 0
    rejections: int = 0
    favourable: int = 0
    estimate: int = 0
    estimate_squared: int = 0
    standard_error_squared: int = 0

    def add(self, other: Tally) -> None:
        """Add the sums of other replicates."""
        self.estimable += other.estimable
        self.tested += other.tested
        self.rejections += other.rejections
        self.favourable += other.favourable
        self.estimate += other.estimate
        self.estimate_squared += other.estimate_squared
        self.standard_error_squared += other.standard_error_squared

    def mean_estimate(self) -> float:
        """Mean of the estimates over estimable replicates, NaN when there is none."""
        return from_fixed_point(self.estimate) / self.estimable if self.estimable else math.nan

    def sd_estimate(self) -> float:
        """Standard deviation of the estimates over estimable replicates, NaN below two."""
        n = self.estimable
        if n < 2:
            return math.nan
        # Sums are integers, so n * sum(x^2) - sum(x)^2 loses nothing to cancellation before the one division.
        scatter = ((n * self.estimate_squared) << FIXED_POINT_BITS) - self.estimate**2
        return math.sqrt(max(scatter, 0) / (n * (n - 1))) * 2.0**-FIXED_POINT_BITS

    def mean_standard_error(self) -> float:
        """Root mean square of the standard errors the analysis itself reports, NaN when there is none."""
        if not self.estimable:
            return math.nan
        return math.sqrt(from_fixed_point(self.standard_error_squared) / self.estimable)


@dataclass(slots=True)
class Summary:
    """Sums over replicates of all analyses, with how often each pair rejected together and how often any did.

    `multiple` counts what a procedure for several hypotheses rejects, where there is one; `controlled` are, where they
    are used, the rejections of each analysis less their control variates. `rejected` (n_analyses, B) tells which
    replicates reject, in the summary of one block.
    """

    replicates: int
    tallies: list[Tally]
    joint: npt.NDArray[np.int64]
    any_rejection: int
    multiple: MultipleCounts | None = None
    controlled: list[Moments] = field(default_factory=list)
    rejected: npt.NDArray[np.bool_] | None = None

    @classmethod
    def empty(cls, n_analyses: int) -> Summary:
        """A summary of no replicates."""
        return cls(0, [Tally() for _ in range(n_analyses)], np.zeros((n_analyses, n_analyses), dtype=np.int64), 0)

    def add(self, other: Summary) -> None:
        """Add the sums of other replicates."""
        self.replicates += other.replicates
        for mine, theirs in zip(self.tallies, other.tallies, strict=True):
            mine.add(theirs)
        self.joint += other.joint
        self.any_rejection += other.any_rejection
        self.controlled = self.controlled or [Moments() for _ in other.controlled]
        for own, more in zip(self.controlled, other.controlled, strict=True):
            own.add(more)
        if other.multiple is not None:
            if self.multiple is None:
                self.multiple = MultipleCounts([0] * len(other.multiple.rejections))
            self.multiple.add(other.multiple)


def decisions(
    results: npt.NDArray[np.float64], critical: float, sides: int, favourable_sign: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which replicates (B,) reject, and which of them in favour of the active arm.

    `results` is (B, 3): estimate, standard error, z. The decision is that of z, whether the estimate is finite or not;
    a replicate without z never rejects. `favourable_sign` is +1 when a positive z favours the active arm, -1 when a
    negative one does.
    """
    z = results[:, Z]
    with np.errstate(invalid="ignore"):
        better = favourable_sign * z > critical
        return (better if sides == 1 else np.abs(z) > critical), better


def tally(
    results: npt.NDArray[np.float64], rejected: npt.NDArray[np.bool_], favourable: npt.NDArray[np.bool_]
) -> Tally:
    """Sums of one analysis over a block with results (B, 3), of replicates that reject, and do so favourably, or not
    (B,)."""
    usable = np.isfinite(results[:, :Z]).all(axis=1)
    estimate, error, _ = results[usable].T
    return Tally(
        estimable=int(usable.sum()),
        tested=int((~np.isnan(results[:, Z])).sum()),
        rejections=int(rejected.sum()),
        favourable=int(favourable.sum()),
        estimate=fixed_point_sum(estimate),
        estimate_squared=fixed_point_sum(estimate * estimate),
        standard_error_squared=fixed_point_sum(error * error),
    )


def summarise(tallies: list[Tally], rejected: npt.NDArray[np.bool_]) -> Summary:
    """The summary of a block; `rejected` is (n_analyses, B)."""
    counts = rejected.astype(np.int64)
    together, one_or_more = counts @ counts.T, int(rejected.any(axis=0).sum())
    return Summary(rejected.shape[1], tallies, together, one_or_more, rejected=rejected)

"""Procedures for several hypotheses, applied to the p values of every replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jaksim.analysis.counts import Z
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.multiple_counts import AdjustedPower, MultipleCounts, MultiplicityResult
from jaksim.errors import InputError
from jaksim.trial import AnalysisPlan, Trial
from jaksim.trial.multiplicity.plan import Multiplicity

if TYPE_CHECKING:
    from jaksim.design.analyses.recycling import Recycling


def reject_by_levels(p: Floats, levels: Floats) -> Booleans:
    """What is rejected (m, B) of hypotheses with p values (m, B) by local levels (2**m, m) of every set of hypotheses
    that are left."""
    m, n = p.shape
    bits = 1 << np.arange(m)
    left = np.full(n, 2**m - 1)
    rejected = np.zeros((m, n), dtype=np.bool_)
    for _ in range(m):
        level = levels[left].T
        passes = (p <= level) & (level > 0.0) & ~rejected
        if not passes.any():
            break
        rejected |= passes
        left = left - bits @ passes
    return rejected


def hochberg(p: Floats, alpha: float) -> Booleans:
    """What is rejected (m, B) by Hochberg's step-up procedure (Biometrika 1988;75:800): all p values up to the largest
    of which the i-th largest is at most alpha / i."""
    m = len(p)
    ordered = -np.sort(-p, axis=0)
    holds = ordered <= alpha / np.arange(1, m + 1)[:, None]
    limit = np.where(holds.any(axis=0), ordered[np.argmax(holds, axis=0), np.arange(p.shape[1])], -1.0)
    return np.asarray(p <= limit)


def p_values(results: Floats, sides: int, favourable_sign: int) -> Floats:
    """P values (B,) of results (B, 3), 1 where there is none; one-sided small ones speak for the active arm."""
    from scipy.special import ndtr

    z = results[:, Z]
    p = ndtr(-favourable_sign * z) if sides == 1 else 2.0 * ndtr(-np.abs(z))
    return np.where(np.isnan(z), 1.0, p)


@dataclass(frozen=True, eq=False)
class MultipleTests:
    """A procedure on some of the tests of a trial.

    `positions` (m,) of its hypotheses among the tests; `levels` (2**m, m) by set, None for Hochberg's procedure;
    `true` bool (m,) the hypotheses that hold in this trial.
    """

    plan: Multiplicity
    tests: tuple[Test, ...]
    positions: tuple[int, ...]
    levels: Floats | None
    true: Booleans
    recycling: Recycling | None = None

    def reject(self, p: Floats) -> Booleans:
        """What is rejected (m, B) of hypotheses with p values (m, B)."""
        return hochberg(p, self.plan.alpha) if self.levels is None else reject_by_levels(p, self.levels)

    def counts(
        self, results: Sequence[Floats], decided: Mapping[int, Booleans] | None = None, look: Integers | None = None
    ) -> MultipleCounts:
        """Counts over replicates with `results` (B, 3) of every test of the trial.

        `decided` tells, by position, what a design rejected (B,) at the level of its own: a p value of that level.
        `look` (B,) is the analysis, from 0, at which the trial ended.
        """
        own = decided or {}
        p = [
            np.where(own[i], test.plan.alpha * (1.0 - 1e-12), 1.0)
            if i in own
            else self._p_values(test, results[i], look)
            for i, test in zip(self.positions, self.tests, strict=True)
        ]
        return MultipleCounts.of(self.reject(np.array(p)), self.true)

    def _p_values(self, test: Test, results: Floats, look: Integers | None) -> Floats:
        p = p_values(results, test.plan.sides, test.favourable_sign)
        return p if self.recycling is None or look is None else self.recycling.p_values(p, look)

    def check_decided(self, decided: Sequence[str]) -> None:
        """Raise InputError for a test that a design decides at a level that the procedure never gives it."""
        for i, test in enumerate(self.tests):
            most = self.plan.alpha if self.levels is None else float(self.levels[:, i].max())
            if test.plan.name in decided and test.plan.alpha > most * (1.0 + 1e-9):
                raise InputError(
                    f"{test.plan.name!r} is decided at level {test.plan.alpha:g}, which the procedure never gives it",
                    where="multiplicity",
                    allowed=f"a level of the analysis of at most {most:g}",
                )

    def result(
        self, counts: MultipleCounts, replicates: int, errors: Mapping[str, MultipleCounts]
    ) -> MultiplicityResult:
        """The result with the familywise error in each configuration of `errors`."""
        names = [test.plan.name for test in self.tests]
        return MultiplicityResult(
            procedure=self.plan.procedure,
            alpha=self.plan.alpha,
            sides=self.tests[0].plan.sides,
            analyses=tuple(
                AdjustedPower.of(name, count, replicates) for name, count in zip(names, counts.rejections, strict=True)
            ),
            any_rejection=AdjustedPower.of("any", counts.any_rejection, replicates),
            all_rejections=AdjustedPower.of("all", counts.all_rejections, replicates),
            familywise_error=tuple(
                AdjustedPower.of(name, error.any_error, replicates) for name, error in errors.items()
            ),
        )


def multiple_tests(cells: Cells, tests: Sequence[Test]) -> MultipleTests | None:
    """The procedure of a trial on its tests, None where each analysis stands for itself."""
    trial = cells.trial
    plan = trial.multiplicity
    if plan is None:
        return None
    names = [test.plan.name for test in tests]
    positions = tuple(names.index(name) for name in plan.analyses)
    chosen = tuple(tests[i] for i in positions)
    levels: Floats | None = None
    if plan.comparisons:
        size = {arm.name: arm.allocation for arm in trial.arms}
        ratios = [size[test.plan.pairs[0][0]] / size[test.plan.pairs[0][1]] for test in chosen]
        from jaksim.trial.multiplicity.dunnett import dunnett_levels

        levels = dunnett_levels(ratios, plan.alpha, chosen[0].plan.sides, step_down=plan.procedure != "dunnett")
    elif plan.procedure != "hochberg":
        levels = plan.local_levels()
    true = np.array([is_true(trial, test.plan) for test in chosen])
    recycled: Recycling | None = None
    if plan.spending is not None and levels is not None and trial.monitoring is not None:
        from jaksim.design.analyses.recycling import recycling

        recycled = recycling(plan.spending, trial.monitoring.boundaries.information, levels, chosen[0].plan.sides)
    return MultipleTests(plan, chosen, positions, levels, true, recycled)


def is_true(trial: Trial, plan: AnalysisPlan) -> bool:
    """Whether the null hypothesis of an analysis holds because the arms compared are given the same regimen."""
    same = all(trial.arm(active).regimen == trial.arm(reference).regimen for active, reference in plan.pairs)
    return same and plan.margin is None

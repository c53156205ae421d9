"""The large-sample twin of a simulated power: the statistic as a smooth function of the table of counts.

Every method is a function z of the counts, so its large-sample law follows from z at the expected table and its
derivatives there (delta method). Counts of a cell are multinomial; sizes of the strata are multinomial too when they
are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from jaksim.analysis import STANDARD_ERROR, Method, Z
from jaksim.analysis.margin import targets
from jaksim.analysis.ordering import event_of
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import evaluate_at_margin
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.allocations import AllocationLaw
from jaksim.design.twin.size_spread import SizeSpread, balance_of
from jaksim.endpoint.endpoint import Endpoint
from jaksim.trial import AnalysisPlan

_NORMAL = NormalDist()
_LARGEST_STEP = 0.05
_LIMIT = 1e6
"""Patients of a trial whose strata and rarest outcomes are so large that the spread of z is that of the limit."""
_RELATIVE_STEP = 1e-3
MOST_CELLS = 12_000
_TABLES_AT_ONCE = 1_000
MOST_INPUTS = 64
"""Inputs of analyses that are kept for trials whose cells have the same laws."""


@dataclass(frozen=True)
class LargeSample:
    """Large-sample mean and standard deviation of z, and the estimate at the expected table.

    `bias` is the part of the mean that is of second order, `spread` the standard deviation that the slopes at this size
    give in parts of the one of the limit. `short` is how far the z of an exact test, which jumps from table to table,
    stays below the smooth one that it follows. For equivalence, z is that against the lower margin, and `upper` is the
    twin of the other.
    """

    mean_z: float
    sd_z: float
    estimate: float
    upper: LargeSample | None = None
    bias: float = 0.0
    spread: float = 1.0
    short: float = 0.0

    def scaled(self, times: float) -> LargeSample:
        """The twin of a trial with so many times the patients, if z of the table grows like its square root.

        That is the limit for every method, and within one over the number of patients at any size.
        """
        root = math.sqrt(times)
        bias = self.bias / root
        mean = (self.mean_z - self.bias) * root + bias
        upper = None if self.upper is None else self.upper.scaled(times)
        return replace(self, mean_z=mean, upper=upper, bias=bias, short=self.short / root)

    def scaled_power(self, times: float, critical: float, sides: int, favourable_sign: int) -> float:
        """The `power` of the twin that is `scaled`, for a search that asks for many."""
        if self.upper is not None:
            return self.scaled(times).power(critical, sides, favourable_sign)
        root = math.sqrt(times)
        mean = (self.mean_z - self.bias) * root + self.bias / root
        return _passes(favourable_sign * mean, self.sd_z, critical + self.short / root, sides)

    def of_first_order(self) -> LargeSample:
        """The law without the part of the mean that is of second order."""
        upper = None if self.upper is None else self.upper.of_first_order()
        return replace(self, mean_z=self.mean_z - self.bias, bias=0.0, upper=upper)

    def power(self, critical: float, sides: int, favourable_sign: int) -> float:
        """Probability that z passes the critical value, on either side for a two-sided test.

        Equivalence fails at one margin at most, since both z have the same estimate and standard error.
        """
        if self.upper is not None:
            lower = replace(self, upper=None).power(critical, 1, 1)
            upper = self.upper.power(critical, 1, -1)
            both = lower + upper - 1.0
            return both if math.isnan(both) else max(both, 0.0)
        return _passes(favourable_sign * self.mean_z, self.sd_z, critical + self.short, sides)


def _passes(mean: float, sd: float, critical: float, sides: int) -> float:
    """Probability that a normal z passes the critical value; NaN where there is none."""
    if not (math.isfinite(mean) and sd > 0.0):
        return math.nan
    power = _NORMAL.cdf((mean - critical) / sd)
    return power + _NORMAL.cdf((-critical - mean) / sd) if sides == 2 else power


class Until(NamedTuple):
    """A data cut at a number of events: how the counts (2, P * S, K) grow with time then, and which of them count."""

    growth: Floats
    counts: Floats


@dataclass(frozen=True)
class AnalysisInput:
    """What the twin needs of one analysis.

    `laws` (2, P * S, K) of the reference and the active arm of every pair, strata within pairs; `weights` (S,) of the
    strata and `shares` (2, P) of the arms among all patients; `sizes` how those of the
    cells vary, and `allocations` which they can be in a small trial. `until` tells of a data cut at a number of events.
    `found` remembers laws of trials by their number of patients, for those who ask again.
    """

    method: Method
    endpoint: Endpoint
    options: dict[str, object]
    laws: Floats
    weights: Floats
    shares: Floats
    sizes: SizeSpread
    allocations: AllocationLaw
    targets: tuple[float, ...] = ()
    until: Until | None = None
    found: dict[float, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cell_sizes(self, patients: float) -> Floats:
        """Expected patients (2, P * S) of a trial with so many patients in all arms and strata."""
        return patients * (self.shares[:, :, None] * self.weights).reshape(2, -1)

    def evaluate(self, tables: Floats) -> Floats:
        """Estimate, standard error and z (B, 3) of tables (B, 2, P * S, K)."""
        return evaluate_at_margin(self.method, np.ascontiguousarray(tables), self.endpoint, self.options, self.targets)

    @cached_property
    def smooth(self) -> AnalysisInput:
        """The same analysis with the smooth test that an exact one follows."""
        follows = self.method.follows
        if follows is None:
            return self
        # At a margin the smooth test is Wald's.
        smooth = replace(self.method, fill=follows(self.options).fill, fill_at_margin=None, follows=None)
        return replace(self, method=smooth)

    @cached_property
    def limit(self) -> float:
        """Standard deviation of z that its slopes give in very large strata, where they are those of the limit."""
        sizes = self.cell_sizes(_LIMIT)
        expected = sizes[:, :, None] * self.laws
        steps = np.maximum(_RELATIVE_STEP * expected, np.minimum(_LARGEST_STEP, 0.5 * expected))
        return self.spread(_derivatives(self, expected, steps, 0.0)[0], _LIMIT)

    def spread(self, gradient: Floats, patients: float) -> float:
        """Standard deviation of a statistic with this gradient (2, P * S, K) in the counts.

        A cut at a number of events comes later, and the statistic has gone further, where events are few.
        """
        if self.until is not None:
            growth, counts = self.until
            gradient = gradient - (gradient * growth).sum() / (counts * growth).sum() * counts
        slope = (self.laws * gradient).sum(axis=2)
        within = (self.laws * gradient**2).sum(axis=2) - slope**2
        variance = float((self.cell_sizes(patients) * within).sum())
        return math.sqrt(max(variance + self.sizes.variance(slope, self.weights, patients), 0.0))


def analysis_input(cells: Cells, plan: AnalysisPlan, method: Method) -> AnalysisInput:
    """The laws and shares that an analysis of this trial sees; the same object for analyses that see the same."""
    trial = cells.trial
    position = [endpoint.name for endpoint in trial.endpoints].index(plan.endpoint)
    pairs = cells.pair_positions(plan)
    strata = list(trial.stratum_indices(plan))
    options = method.settings(plan.options, sides=plan.sides)
    balance = balance_of(trial.randomisation)
    allocations = AllocationLaw.of(trial, cells.allocation, pairs[0], tuple(strata))
    aims = targets(method, trial.endpoints[position], plan.hypothesis, plan.margin)
    # What is kept holds the method, so that its number stays its own.
    key = (position, pairs, id(method), repr(options), balance, allocations, aims)
    kept: AnalysisInput | None = cells.inputs.get(key)
    if kept is None:
        kept = _input_of(cells, plan, method, position, options, balance, allocations, aims)
        if len(cells.inputs) >= MOST_INPUTS:
            cells.inputs.clear()
        cells.inputs[key] = kept
    return kept


def _input_of(
    cells: Cells,
    plan: AnalysisPlan,
    method: Method,
    position: int,
    options: dict[str, object],
    balance: str,
    allocations: AllocationLaw,
    aims: tuple[float, ...],
) -> AnalysisInput:
    trial, pairs, strata = cells.trial, cells.pair_positions(plan), list(allocations.strata)
    return AnalysisInput(
        method=method,
        endpoint=trial.endpoints[position],
        options=options,
        laws=compared(cells, plan, cells.marginal_laws[position]),
        weights=np.array(trial.stratum_shares)[strata],
        shares=cells.shares[np.array(pairs).T],
        sizes=SizeSpread(
            drawn=trial.population.stratum_sizes == "drawn",
            balance=balance,
            arms=np.array(pairs).T.ravel(),
            shares=cells.shares,
        ),
        allocations=allocations,
        targets=aims,
    )


def compared(cells: Cells, plan: AnalysisPlan, values: Floats) -> Floats:
    """Values (C, K) of the cells in the arms and strata that an analysis compares (2, P * S, K)."""
    by_arm, strata = values.reshape(len(cells.arms), cells.n_strata, -1), list(cells.trial.stratum_indices(plan))
    return np.concatenate([by_arm[list(pair)][:, strata] for pair in cells.pair_positions(plan)], axis=1)


def large_sample(inputs: AnalysisInput, patients: float) -> LargeSample:
    """Large-sample law of z in a trial with so many patients.

    The mean carries the second-order term of the expansion, half the trace of Hessian and covariance. The standard
    deviation is of first order, with the slopes of very large strata: those at a small table are of the same order, but
    carry what corrects a variance for few patients, N / (N - 1) for one, without what it corrects. Both are NaN where
    the table has more than `MOST_CELLS` cells that can be filled and for a method that is not smooth. An exact test is
    replaced by the smooth one that it follows, from which it falls short by half a patient's step. Transitions are not
    multinomial: there the mean is of first order, and the standard deviation is the robust standard error, which a
    chain's counts give exactly, in standard errors of the analysis.
    """
    if len(inputs.targets) == 2:
        lower, upper = (large_sample(replace(inputs, targets=(value,)), patients) for value in inputs.targets)
        return replace(lower, upper=upper)
    sizes = inputs.cell_sizes(patients)
    expected = sizes[:, :, None] * inputs.laws
    estimate, error, z = inputs.evaluate(expected[None])[0].tolist()
    if inputs.endpoint.transitions is not None:
        robust = replace(inputs, options={**inputs.options, "variance": "robust"}).evaluate(expected[None])[0]
        return LargeSample(z, float(robust[STANDARD_ERROR]) / error if error > 0.0 else math.nan, estimate)
    smooth = inputs.smooth
    z = float(smooth.evaluate(expected[None])[0, Z])
    if not (_differentiable(inputs) and math.isfinite(z)):
        return LargeSample(math.nan, math.nan, estimate)
    gradient, curvature = _derivatives(smooth, expected, np.minimum(_LARGEST_STEP, 0.5 * expected), z)
    along = _law_derivatives(smooth, sizes, expected, z)
    bias = 0.5 * float((sizes * ((inputs.laws * curvature).sum(axis=2) - along)).sum())
    limit, here = smooth.limit, inputs.spread(gradient, patients)
    return LargeSample(
        mean_z=z + bias,
        sd_z=limit,
        estimate=estimate,
        bias=bias,
        spread=here / limit if limit > 0.0 else math.nan,
        short=_shortfall(inputs, gradient),
    )


def slopes(inputs: AnalysisInput, patients: float) -> Floats | None:
    """First derivative of z in each count (2, P * S, K) at the expected table of a trial with so many patients.

    None where the large-sample law has none either, for transitions, which are not multinomial, and for equivalence,
    which has two statistics.
    """
    if len(inputs.targets) == 2 or inputs.endpoint.transitions is not None or not _differentiable(inputs):
        return None
    expected = inputs.cell_sizes(patients)[:, :, None] * inputs.laws
    centre = float(inputs.smooth.evaluate(expected[None])[0, Z])
    steps = np.minimum(_LARGEST_STEP, 0.5 * expected)
    return _derivatives(inputs.smooth, expected, steps, centre)[0] if math.isfinite(centre) else None


def _differentiable(inputs: AnalysisInput) -> bool:
    return inputs.method.smooth and bool(np.count_nonzero(inputs.laws) <= MOST_CELLS)


def _derivatives(inputs: AnalysisInput, expected: Floats, steps: Floats, centre: float) -> tuple[Floats, Floats]:
    """First and second derivative of z in each count by `steps` (2, P * S, K), zero where the category cannot happen.

    `centre` is z at the expected table.
    """
    arms, strata, categories = np.nonzero(inputs.laws > 0.0)
    steps = steps[arms, strata, categories]
    upper, lower = np.empty(len(steps)), np.empty(len(steps))
    for begin in range(0, len(steps), _TABLES_AT_ONCE):
        use = slice(begin, begin + _TABLES_AT_ONCE)
        for sign, z in ((1.0, upper), (-1.0, lower)):
            tables = np.repeat(expected[None], len(steps[use]), axis=0)
            tables[np.arange(len(tables)), arms[use], strata[use], categories[use]] += sign * steps[use]
            z[use] = inputs.evaluate(tables)[:, Z]
    first, second = np.zeros(expected.shape), np.zeros(expected.shape)
    first[arms, strata, categories] = (upper - lower) / (2.0 * steps)
    second[arms, strata, categories] = (upper - 2.0 * centre + lower) / steps**2
    return np.nan_to_num(first), np.nan_to_num(second)


def _shortfall(inputs: AnalysisInput, gradient: Floats) -> float:
    """How far an exact z stays below the smooth one of `given.smooth`: in changes of z when one event changes arms."""
    follows = inputs.method.follows
    if follows is None:
        return 0.0
    event = event_of(inputs.endpoint)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_event, of_none = (
            (inputs.laws * gradient)[..., event == kind].sum(axis=2) / inputs.laws[..., event == kind].sum(axis=2)
            for kind in (1, 0)
        )
    moved = (of_event - of_none)[1] - (of_event - of_none)[0]
    known = np.isfinite(moved)
    return follows(inputs.options).short * float(np.abs(moved[known]).mean()) if known.any() else math.nan


def _law_derivatives(inputs: AnalysisInput, sizes: Floats, expected: Floats, centre: float) -> Floats:
    """Second derivative of z along the law of each cell (2, P * S)."""
    second = np.zeros(sizes.shape)
    for arm, stratum in np.argwhere(sizes > 0.0).tolist():
        step = min(1.0, 0.01 * float(sizes[arm, stratum]))
        tables = np.repeat(expected[None], 2, axis=0)
        tables[0, arm, stratum] += step * inputs.laws[arm, stratum]
        tables[1, arm, stratum] -= step * inputs.laws[arm, stratum]
        z = inputs.evaluate(tables)[:, Z]
        second[arm, stratum] = (z[0] - 2.0 * centre + z[1]) / step**2
    return second

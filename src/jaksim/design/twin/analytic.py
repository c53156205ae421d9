"""The large-sample twin of a simulated power: the statistic as a smooth function of the table of counts.

Every method is a function z of the counts, so its large-sample law follows from z at the expected table and its
derivatives there (delta method). Counts of a cell are multinomial; sizes of the strata are multinomial too when they
are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from jaksim.analysis import ESTIMATE, STANDARD_ERROR, Method, Z
from jaksim.analysis.margin import targets
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import evaluate_against
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.size_spread import SizeSpread, balance_of
from jaksim.endpoint.endpoint import Endpoint
from jaksim.trial import AnalysisPlan

_NORMAL = NormalDist()
_LARGEST_STEP = 0.05
MOST_CELLS = 12_000
_TABLES_AT_ONCE = 1_000


@dataclass(frozen=True)
class LargeSample:
    """Large-sample mean and standard deviation of z, and the estimate at the expected table.

    `bias` is the part of the mean that is of second order. For equivalence, z is that against the lower margin, and
    `upper` is the twin of the other.
    """

    mean_z: float
    sd_z: float
    estimate: float
    upper: LargeSample | None = None
    bias: float = 0.0

    def scaled(self, times: float) -> LargeSample:
        """The twin of a trial with so many times the patients, if z of the table grows like its square root.

        That is the limit for every method, and within one over the number of patients at any size.
        """
        root = math.sqrt(times)
        bias = self.bias / root
        mean = (self.mean_z - self.bias) * root + bias
        upper = None if self.upper is None else self.upper.scaled(times)
        return LargeSample(mean, self.sd_z, self.estimate, upper, bias)

    def power(self, critical: float, sides: int, favourable_sign: int) -> float:
        """Probability that z passes the critical value, on either side for a two-sided test.

        Equivalence fails at one margin at most, since both z have the same estimate and standard error.
        """
        if self.upper is not None:
            lower = LargeSample(self.mean_z, self.sd_z, self.estimate).power(critical, 1, 1)
            upper = self.upper.power(critical, 1, -1)
            both = lower + upper - 1.0
            return both if math.isnan(both) else max(both, 0.0)
        mean, sd = favourable_sign * self.mean_z, self.sd_z
        if not (math.isfinite(mean) and sd > 0.0):
            return math.nan
        power = _NORMAL.cdf((mean - critical) / sd)
        return power + _NORMAL.cdf((-critical - mean) / sd) if sides == 2 else power


@dataclass(frozen=True)
class AnalysisInput:
    """What the twin needs of one analysis.

    `laws` (2, P * S, K) of the reference and the active arm of every pair, strata within pairs; `weights` (S,) of the
    strata and `shares` (2, P) of the arms among all patients; `sizes` how those of the
    cells vary.
    """

    method: Method
    endpoint: Endpoint
    options: dict[str, object]
    laws: Floats
    weights: Floats
    shares: Floats
    sizes: SizeSpread
    targets: tuple[float, ...] = ()

    def cell_sizes(self, patients: float) -> Floats:
        """Expected patients (2, P * S) of a trial with so many patients in all arms and strata."""
        return patients * (self.shares[:, :, None] * self.weights).reshape(2, -1)

    def evaluate(self, tables: Floats) -> Floats:
        """Estimate, standard error and z (B, 3) of tables (B, 2, P * S, K)."""
        return evaluate_against(self.method, np.ascontiguousarray(tables), self.endpoint, self.options, self.targets)


def analysis_input(cells: Cells, plan: AnalysisPlan, method: Method) -> AnalysisInput:
    """The laws and shares that an analysis of this trial sees."""
    trial = cells.trial
    position = [endpoint.name for endpoint in trial.endpoints].index(plan.endpoint)
    laws = cells.marginal_laws[position].reshape(len(cells.arms), cells.n_strata, -1)
    pairs = cells.pair_positions(plan)
    strata = list(trial.stratum_indices(plan))
    return AnalysisInput(
        method=method,
        endpoint=trial.endpoints[position],
        options=method.settings(plan.options),
        laws=np.concatenate([laws[list(pair)][:, strata] for pair in pairs], axis=1),
        weights=np.array(trial.population.weights)[strata],
        shares=cells.shares[np.array(pairs).T],
        sizes=SizeSpread(
            drawn=trial.population.stratum_sizes == "drawn",
            balance=balance_of(trial.randomisation),
            arms=np.array(pairs).T.ravel(),
            shares=cells.shares,
        ),
        targets=targets(method, trial.endpoints[position], plan.hypothesis, plan.margin),
    )


def large_sample(given: AnalysisInput, patients: float) -> LargeSample:
    """Large-sample law of z in a trial with so many patients.

    The mean carries the second-order term of the expansion, half the trace of Hessian and covariance; the standard
    deviation is of first order. Both are NaN where the table has more than `MOST_CELLS` cells that can be filled and
    for a method that is not smooth. Transitions are not multinomial: there the mean is of first order, and the standard
    deviation is the robust standard error, which a chain's counts give exactly, in standard errors of the analysis.
    """
    if len(given.targets) == 2:
        lower, upper = (large_sample(replace(given, targets=(value,)), patients) for value in given.targets)
        return replace(lower, upper=upper)
    sizes = given.cell_sizes(patients)
    expected = sizes[:, :, None] * given.laws
    centre = given.evaluate(expected[None])[0]
    if not np.isfinite(centre).all():
        return LargeSample(math.nan, math.nan, math.nan)
    if given.endpoint.transitions is not None:
        robust = replace(given, options={**given.options, "variance": "robust"}).evaluate(expected[None])[0]
        spread = robust[STANDARD_ERROR] / centre[STANDARD_ERROR]
        return LargeSample(float(centre[Z]), float(spread), float(centre[ESTIMATE]))
    if not _differentiable(given):
        return LargeSample(math.nan, math.nan, float(centre[ESTIMATE]))
    gradient, curvature = _category_derivatives(given, expected, centre[Z])
    along = _law_derivatives(given, sizes, expected, centre[Z])
    slope = (given.laws * gradient).sum(axis=2)
    spread = (given.laws * gradient**2).sum(axis=2) - slope**2
    variance = float((sizes * spread).sum())
    bias = 0.5 * float((sizes * ((given.laws * curvature).sum(axis=2) - along)).sum())
    variance += given.sizes.variance(slope, given.weights, patients)
    return LargeSample(float(centre[Z]) + bias, math.sqrt(max(variance, 0.0)), float(centre[ESTIMATE]), bias=bias)


def slopes(given: AnalysisInput, patients: float) -> Floats | None:
    """First derivative of z in each count (2, P * S, K) at the expected table of a trial with so many patients.

    None where the large-sample law has none either, for transitions, which are not multinomial, and for equivalence,
    which has two statistics.
    """
    if len(given.targets) == 2 or given.endpoint.transitions is not None or not _differentiable(given):
        return None
    expected = given.cell_sizes(patients)[:, :, None] * given.laws
    centre = given.evaluate(expected[None])[0]
    return _category_derivatives(given, expected, centre[Z])[0] if np.isfinite(centre).all() else None


def _differentiable(given: AnalysisInput) -> bool:
    return given.method.smooth and bool(np.count_nonzero(given.laws) <= MOST_CELLS)


def _category_derivatives(given: AnalysisInput, expected: Floats, centre: float) -> tuple[Floats, Floats]:
    """First and second derivative of z in each count (2, P * S, K), zero where the category cannot happen."""
    arms, strata, categories = np.nonzero(given.laws > 0.0)
    steps = np.minimum(_LARGEST_STEP, 0.5 * expected[arms, strata, categories])
    upper, lower = np.empty(len(steps)), np.empty(len(steps))
    for begin in range(0, len(steps), _TABLES_AT_ONCE):
        use = slice(begin, begin + _TABLES_AT_ONCE)
        for sign, z in ((1.0, upper), (-1.0, lower)):
            tables = np.repeat(expected[None], len(steps[use]), axis=0)
            tables[np.arange(len(tables)), arms[use], strata[use], categories[use]] += sign * steps[use]
            z[use] = given.evaluate(tables)[:, Z]
    first, second = np.zeros(expected.shape), np.zeros(expected.shape)
    first[arms, strata, categories] = (upper - lower) / (2.0 * steps)
    second[arms, strata, categories] = (upper - 2.0 * centre + lower) / steps**2
    return np.nan_to_num(first), np.nan_to_num(second)


def _law_derivatives(given: AnalysisInput, sizes: Floats, expected: Floats, centre: float) -> Floats:
    """Second derivative of z along the law of each cell (2, P * S)."""
    second = np.zeros(sizes.shape)
    for arm, stratum in np.argwhere(sizes > 0.0).tolist():
        step = min(1.0, 0.01 * float(sizes[arm, stratum]))
        tables = np.repeat(expected[None], 2, axis=0)
        tables[0, arm, stratum] += step * given.laws[arm, stratum]
        tables[1, arm, stratum] -= step * given.laws[arm, stratum]
        z = given.evaluate(tables)[:, Z]
        second[arm, stratum] = (z[0] - 2.0 * centre + z[1]) / step**2
    return second

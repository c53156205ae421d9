"""The predictive distribution of a trial's estimates over uncertain parameters, and its probability of success."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from jaksim.analysis.counts import ESTIMATE, Z
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.replicates import Replicates
from jaksim.design.engine.executor import blocks, check_workers, run_blocks
from jaksim.design.parameter_draws import SETS, draws_error, draws_gain
from jaksim.design.prepared import Prepared
from jaksim.design.sums.conducted import Reason
from jaksim.operations.doors import FAST
from jaksim.trial import Trial

LEVELS: Final = (0.5, 0.8, 0.95)
SAMPLING: Final = "sampling"
TOGETHER: Final = "together"
"""What parts of the variance do together beyond their sum."""


@dataclass(frozen=True)
class Reweighted:
    """What a prediction is under another `prior`, by weights of the same parameter draws, which then are worth
    `effective_draws` of equal weight. Monte Carlo standard errors are those of the limits and of the probability."""

    prior: str
    effective_draws: float
    median: float
    interval: tuple[float, float]
    probability_of_success: float
    limits_mc_se: tuple[float, float] = (math.nan, math.nan)
    probability_mc_se: float = math.nan


@dataclass(frozen=True)
class Prediction:
    """What one planned analysis of a trial not yet run will show.

    Estimates are on the method's scale, log for ratios. `intervals` hold the central 50, 80 and 95 % of predicted
    estimates. Their variance is the sum of `parameter_sd` squared (what is not known about the disease and the
    treatments) and `sampling_sd` squared (which patients are drawn). `probability_of_success` is the chance that the
    analysis rejects in favour of the active arm, over both (assurance); its Monte Carlo standard error counts
    parameter draws, not replicates, and `variance_reduction` is how many times smaller their even spread made its
    variance than independent draws would have it. Estimates that are not finite, `not_estimable` of them, are in the
    probability of benefit alone; `not_tested` trials have no test statistic and no success. In a trial with interim or
    adaptive analyses the estimate is that at the analysis which decided.
    """

    name: str
    endpoint: str
    method: str
    role: str
    active: str
    reference: str
    strata: tuple[str, ...]
    scale: str
    ratio_name: str | None
    mean: float
    median: float
    sd: float
    parameter_sd: float
    sampling_sd: float
    intervals: dict[str, tuple[float, float]]
    probability_of_success: float
    probability_mc_se: float
    variance_reduction: float | None
    probability_of_benefit: float
    not_estimable: int
    not_tested: int
    limits_mc_se: tuple[float, float] = (math.nan, math.nan)
    variance: dict[str, float] = field(default_factory=dict)
    reweighted: tuple[Reweighted, ...] = ()

    def split(self, parts: Mapping[str, float]) -> Prediction:
        """The same with the shares of its variance, from the variances that uncertain parts give its estimate."""
        variances = {SAMPLING: self.sampling_sd**2, **parts}
        total = sum(variances.values())
        if not total > 0.0:
            return replace(self, variance=dict.fromkeys(variances, math.nan))
        return replace(self, variance={part: one / total for part, one in variances.items()})


@dataclass(frozen=True)
class Spread:
    """A number over parameters and trials: mean, median, standard deviation and central 50, 80 and 95 %."""

    mean: float
    median: float
    sd: float
    intervals: dict[str, tuple[float, float]]

    @classmethod
    def of(cls, values: Floats) -> Spread:
        """Of finite values (N,), NaN without any."""
        sd = float(values.std(ddof=1)) if len(values) > 1 else math.nan
        return cls(_mean(values), _median(values), sd, _intervals(values))


@dataclass(frozen=True)
class PredictedConduct:
    """How a trial in calendar time will go, over parameters and patients: the probability of ending at each analysis
    by reason, the patients enrolled by then and the day of that analysis."""

    looks: tuple[dict[str, float], ...]
    patients: Spread
    duration: Spread


def predict_trials(
    planned: Trial,
    trials: Iterable[Trial],
    *,
    replicates: int,
    seed: int,
    door: str = FAST,
    weights: Mapping[str, Floats] | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[tuple[Prediction, ...], PredictedConduct | None]:
    """Predictions from one trial per parameter draw, all alike but for the disease, `replicates` simulated of each.

    Draw d uses replicates d * `replicates` onwards, so that a draw can be made again alone. Trials are carried out as
    for their power, with interim analyses and adaptation; what a design finds out before it starts, a calibrated
    critical value, is that of the trial as `planned`, whatever the truth. `weights` (draws,) tell, by the name of a
    prior, how much more or less likely it makes each draw.
    """
    adaptation = None if planned.adaptation is None else Prepared(planned, seed).design.as_planned(planned).adaptation
    tests: tuple[Test, ...] = ()
    looks = 1
    found: list[_Draw] = []
    for number, trial in enumerate(trials):
        prepared = Prepared(trial if adaptation is None else replace(trial, adaptation=adaptation), seed, door=door)
        tests, looks = tests or prepared.tests, prepared.design.looks
        first = number * replicates
        found.append(_Draw.of(list(_parts(prepared, first, replicates))))
        if advance is not None:
            advance(1)
    results = np.stack([block.results for block in found])
    success = np.stack([block.success for block in found])
    predictions = tuple(
        _prediction(test, results[:, position], success[:, position], weights) for position, test in enumerate(tests)
    )
    return predictions, _conduct(found, looks)


def _parts(prepared: Prepared, first: int, replicates: int) -> Iterator[Replicates]:
    """The replicates of a draw, in blocks; in several processes where the interpreter makes them."""
    length, last = prepared.length(replicates), first + replicates
    if not prepared.design.interpreted:
        yield from (prepared.block(*part) for part in blocks(first, last, length))
        return
    workers = check_workers(None)
    with prepared.spread(prepared.block, workers, replicates) as work:
        yield from run_blocks(work, first, last, length, workers)


@dataclass(frozen=True, eq=False)
class _Draw:
    """The replicates of one parameter draw: `results` (T, R, 3), `success` (T, R), and in calendar time the look (R,),
    reason, day and patients at the end."""

    results: Floats
    success: Booleans
    ends: Integers | None

    @classmethod
    def of(cls, parts: Sequence[Replicates]) -> _Draw:
        results = np.concatenate([np.stack(part.results) for part in parts], axis=1)
        success = np.concatenate([np.stack(part.favourable) for part in parts], axis=1)
        ends = [
            np.stack([part.conducted.look, part.conducted.reason, part.conducted.day, part.patients])
            for part in parts
            if part.conducted is not None
        ]
        return cls(results, success, np.concatenate(ends, axis=1) if ends else None)


def _conduct(found: Sequence[_Draw], looks: int) -> PredictedConduct | None:
    ends = [block.ends for block in found if block.ends is not None]
    if not ends:
        return None
    look, reason, day, patients = np.concatenate(ends, axis=1)
    counts = np.zeros((looks, len(Reason)), dtype=np.int64)
    np.add.at(counts, (look, reason), 1)
    return PredictedConduct(
        looks=tuple({one.word: int(row[one]) / len(look) for one in Reason} for row in counts),
        patients=Spread.of(patients.astype(np.float64)),
        duration=Spread.of(day.astype(np.float64)),
    )


def _prediction(
    test: Test, results: Floats, success: Booleans, weights: Mapping[str, Floats] | None = None
) -> Prediction:
    """From results (draws, replicates, 3) of one analysis and its favourable rejections (draws, replicates).

    What no trial, or no two of a draw, can tell is NaN.
    """
    estimate, z = results[..., ESTIMATE], results[..., Z]
    known = np.isfinite(estimate)
    pooled = estimate[~np.isnan(estimate)]
    parameter, sampling = _variances(estimate, known)
    shares, numbers = success.mean(axis=1), np.arange(len(success))
    gain = draws_gain(shares, numbers)
    plan, method = test.plan, test.method
    benefit = test.favourable_sign * (pooled - method.null) > 0.0
    return Prediction(
        name=plan.name,
        endpoint=plan.endpoint,
        method=plan.method,
        role=plan.role,
        active=plan.active,
        reference=plan.reference,
        strata=plan.strata,
        scale=method.scale,
        ratio_name=method.ratio_name,
        mean=_mean(estimate[known]),
        median=_median(pooled),
        sd=math.sqrt(parameter + sampling),
        parameter_sd=math.sqrt(parameter),
        sampling_sd=math.sqrt(sampling),
        intervals=_intervals(pooled),
        probability_of_success=float(shares.mean()),
        probability_mc_se=draws_error(shares, numbers),
        variance_reduction=gain if np.isfinite(gain) else None,
        probability_of_benefit=_mean(benefit),
        not_estimable=int(np.count_nonzero(~known)),
        not_tested=int(np.count_nonzero(np.isnan(z))),
        limits_mc_se=_limits_error(estimate),
        reweighted=tuple(_reweighted(prior, estimate, shares, weight) for prior, weight in (weights or {}).items()),
    )


def _limits_error(estimate: Floats) -> tuple[float, float]:
    """Standard errors of the 2.5 and 97.5 % quantiles of estimates (draws, replicates): by leaving out one of the
    independent sets of draws after the other."""
    sets = np.arange(len(estimate)) % SETS
    count = min(len(estimate), SETS)
    left = [estimate[sets != number].ravel() for number in range(count)]
    if count < 2 or not all(np.isfinite(one).all() for one in left):
        return math.nan, math.nan
    limits = np.array([np.quantile(one, (0.025, 0.975)) for one in left])
    low, high = np.sqrt((count - 1) * limits.var(axis=0))
    return float(low), float(high)


def _reweighted(prior: str, estimate: Floats, shares: Floats, weights: Floats) -> Reweighted:
    """From estimates (draws, replicates), shares of success (draws,) and weights (draws,) of any sum."""
    each = np.broadcast_to(weights[:, None], estimate.shape)
    known = ~np.isnan(estimate)
    low, middle, high = _weighted_quantiles(estimate[known], each[known], (0.025, 0.5, 0.975))
    limits, probability = _reweighted_errors(estimate, shares, weights)
    return Reweighted(
        prior=prior,
        effective_draws=float(weights.sum() ** 2 / (weights**2).sum()),
        median=middle,
        interval=(low, high),
        probability_of_success=float(weights @ shares / weights.sum()),
        limits_mc_se=limits,
        probability_mc_se=probability,
    )


def _reweighted_errors(estimate: Floats, shares: Floats, weights: Floats) -> tuple[tuple[float, float], float]:
    """Standard errors of the limits and of the probability of success: by leaving out one of the independent sets of
    draws after the other."""
    sets = np.arange(len(estimate)) % SETS
    count = min(len(estimate), SETS)
    left = [sets != number for number in range(count)]
    if count < 2 or not all(weights[rows].sum() > 0.0 for rows in left):
        return (math.nan, math.nan), math.nan
    successes = np.array([weights[rows] @ shares[rows] / weights[rows].sum() for rows in left])
    probability = float(np.sqrt((count - 1) * successes.var()))
    if not np.isfinite(estimate).all():
        return (math.nan, math.nan), probability
    each = np.broadcast_to(weights[:, None], estimate.shape)
    limits = np.array(
        [_weighted_quantiles(estimate[rows].ravel(), each[rows].ravel(), (0.025, 0.975)) for rows in left]
    )
    low, high = np.sqrt((count - 1) * limits.var(axis=0))
    return (float(low), float(high)), probability


def _weighted_quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    """The values below which these shares of the weight lie; NaN without any."""
    if not len(values):
        return [math.nan] * len(shares)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.array(shares) * reached[-1])
    return [float(one) for one in values[order][np.minimum(places, len(values) - 1)]]


def _variances(estimate: Floats, known: Booleans) -> tuple[float, float]:
    """Variance of the estimates between parameter draws, less what the sampling of patients adds to it, and within
    them; draws with fewer than two finite estimates tell nothing. NaN where fewer than two draws are left."""
    counts = known.sum(axis=1)
    usable = counts > 1
    if usable.sum() < 2:
        return math.nan, math.nan
    finite = np.where(known, estimate, np.nan)[usable]
    sampling = float(np.nanmean(np.nanvar(finite, axis=1, ddof=1)))
    each = known.shape[1] if known.all() else 1.0 / float(np.mean(1.0 / counts[usable]))
    return max(float(np.nanmean(finite, axis=1).var(ddof=1)) - sampling / each, 0.0), sampling


def _mean(values: Floats | Booleans) -> float:
    return float(values.mean()) if len(values) else math.nan


def _median(values: Floats) -> float:
    return _quantiles(values, [0.5])[0] if len(values) else math.nan


def _intervals(values: Floats) -> dict[str, tuple[float, float]]:
    return {f"{100 * level:g}": _central(values, level) for level in LEVELS}


def _central(values: Floats, level: float) -> tuple[float, float]:
    if not len(values):
        return math.nan, math.nan
    low, high = _quantiles(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return low, high


def _quantiles(values: Floats, shares: Sequence[float]) -> list[float]:
    """Quantiles of estimates of which some may be infinite: between two of them only where both are finite."""
    how: Literal["linear", "inverted_cdf"] = "linear" if np.isfinite(values).all() else "inverted_cdf"
    return [float(one) for one in np.quantile(values, shares, method=how)]

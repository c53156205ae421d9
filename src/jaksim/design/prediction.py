"""The predictive distribution of a trial's estimates over uncertain parameters, and its probability of success."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.analysis.counts import ESTIMATE, Z
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import MOST_MEMORIES, Engine, LawEngine, PathEngine
from jaksim.design.engine.executor import blocks
from jaksim.design.parameter_draws import draws_error, draws_gain
from jaksim.endpoint.automaton import Automaton
from jaksim.trial import Trial

LEVELS: Final = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Prediction:
    """What one planned analysis of a trial not yet run will show.

    Estimates are on the method's scale, log for ratios. `intervals` hold the central 50, 80 and 95 % of predicted
    estimates. Their variance is the sum of `parameter_sd` squared (what is not known about the disease and the
    treatments) and `sampling_sd` squared (which patients are drawn). `probability_of_success` is the chance that the
    analysis rejects in favour of the active arm, over both (assurance); its Monte Carlo standard error counts
    parameter draws, not replicates, and `variance_reduction` is how many times smaller their even spread made its
    variance than independent draws would have it. Estimates that are not finite, `not_estimable` of them, are in the
    probability of benefit alone; `not_tested` trials have no test statistic and no success.
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


def predict_trials(
    trials: Iterable[Trial], *, replicates: int, seed: int, advance: Callable[[int], None] | None = None
) -> tuple[Prediction, ...]:
    """Predictions from one trial per parameter draw, all alike but for the disease, `replicates` simulated of each.

    Draw d uses replicates d * `replicates` onwards, so that a draw can be made again alone.
    """
    tests: tuple[Test, ...] = ()
    automaton: Automaton | None = None
    found: list[Floats] = []
    for number, trial in enumerate(trials):
        cells = Cells(trial)
        if not tests:
            tests, automaton = settle(cells), cells.joint_automaton(MOST_MEMORIES)
        engine: Engine = PathEngine(cells, seed) if automaton is None else LawEngine(cells, seed, automaton)
        parts = blocks(number * replicates, (number + 1) * replicates, engine.block(replicates))
        found.append(np.concatenate([_results(engine, tests, first, n) for first, n in parts], axis=1))
        if advance is not None:
            advance(1)
    results = np.stack(found)
    return tuple(_prediction(test, results[:, position]) for position, test in enumerate(tests))


def _results(engine: Engine, tests: tuple[Test, ...], first: int, n: int) -> Floats:
    """Results (T, n, 3) of all tests in n replicates."""
    tables = engine.tables(first, n)
    return np.stack([test.results(tables[test.table]) for test in tests])


def _prediction(test: Test, results: Floats) -> Prediction:
    """From results (draws, replicates, 3) of one analysis."""
    estimate, z = results[..., ESTIMATE], results[..., Z]
    benefit = test.favourable_sign * (estimate[~np.isnan(estimate)] - test.method.null) > 0.0
    known = np.isfinite(estimate)
    pooled = estimate[known]
    draw_means = np.nanmean(np.where(known, estimate, np.nan), axis=1)
    sampling = float(np.nanmean(np.nanvar(np.where(known, estimate, np.nan), axis=1, ddof=1)))
    parameter = max(float(draw_means.var(ddof=1)) - sampling / results.shape[1], 0.0)
    success = (test.favourable_sign * z > test.critical).mean(axis=1)
    numbers = np.arange(len(success))
    gain = draws_gain(success, numbers)
    plan, method = test.plan, test.method
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
        mean=float(pooled.mean()),
        median=float(np.median(pooled)),
        sd=float(np.sqrt(parameter + sampling)),
        parameter_sd=float(np.sqrt(parameter)),
        sampling_sd=float(np.sqrt(sampling)),
        intervals={f"{100 * level:g}": _central(pooled, level) for level in LEVELS},
        probability_of_success=float(success.mean()),
        probability_mc_se=draws_error(success, numbers),
        variance_reduction=gain if np.isfinite(gain) else None,
        probability_of_benefit=float(np.mean(benefit)),
        not_estimable=int(np.count_nonzero(~known)),
        not_tested=int(np.count_nonzero(np.isnan(z))),
    )


def _central(values: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)

"""Predictive power of a running trial: its conditional power averaged over what is not known of the parameters.

Draws of the parameters are weighed by how well they agree with the estimate so far, by its normal likelihood
(Spiegelhalter, Freedman and Blackburn 1986, Control Clin Trials 7:8).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.analysis import ESTIMATE, STANDARD_ERROR
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.forecasting import RunningTrial
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Advance
from jaksim.design.twin.very_large import by_site, estimate_of_sites
from jaksim.trial import Trial


@dataclass(frozen=True)
class PredictivePower:
    """Power of one analysis averaged over weighed draws, with its Monte Carlo standard error: the number of draws that
    as many of equal weight stand for, and the estimate so far with its standard error, on the method's scale.

    NaN where the data so far have no estimate.
    """

    power: float
    mc_se: float
    effective_draws: float
    estimate: float
    standard_error: float


def predictive_powers(
    running: RunningTrial,
    draws: Sequence[Trial],
    replicates: int,
    *,
    workers: int | None = None,
    advance: Advance | None = None,
) -> tuple[PredictivePower, ...]:
    """The predictive power of each planned analysis of a trial whose arms and scores are known, from trials that differ
    in their parameters; `replicates` continuations of each, draw d with numbers d * `replicates` onwards."""
    tests = running.prepared.tests
    so_far = np.array([_so_far(running, test) for test in tests])

    def power_of(first: int, n: int) -> tuple[Floats, Floats]:
        """Power (T, n), and the estimate (T, n) that a large trial would have, of some draws."""
        found = [_of_draw(running, draws[d], d * replicates, replicates) for d in range(first, first + n)]
        return np.stack([one[0] for one in found], axis=1), np.stack([one[1] for one in found], axis=1)

    parts = list(run_blocks(power_of, 0, len(draws), 1, check_workers(workers), advance))
    powers, estimates = (np.concatenate([part[i] for part in parts], axis=1) for i in range(2))
    return tuple(_averaged(*one) for one in zip(so_far, powers, estimates, strict=True))


def _of_draw(running: RunningTrial, trial: Trial, first: int, n: int) -> tuple[Floats, Floats]:
    drawn = running.under(Prepared(trial, running.seed, "path"))
    found = drawn.block(first, n)
    assert found.favourable is not None
    expected = [_expected(drawn.prepared.cells, test) for test in drawn.prepared.tests]
    return found.favourable.mean(axis=1), np.array(expected)


def _so_far(running: RunningTrial, test: Test) -> Floats:
    """Estimate and standard error (2,) from the log, as if its data were all entered; of an endpoint that no interim
    analysis looks at, from patients whose follow-up is complete."""
    engine, people, on = running.design.engine, running.log.randomised, running.log.on
    cohort = engine.open_cohort(0, 1, people.n)
    in_time = replace(cohort, late=np.zeros((1, 0), dtype=np.int16))
    complete = int(np.searchsorted(people.day, on - running.trial.horizon, side="right"))
    last = complete if engine.histories[test.table] is None else people.n
    cut = DataCut(engine, test)
    tables = cut.tables(in_time, on, last=last)
    found = cut.test.finite(cut.test.results(tables), tables)
    return np.asarray(found[0, [ESTIMATE, STANDARD_ERROR]])


def _expected(cells: Cells, test: Test) -> float:
    """The estimate at the expected table of complete data."""
    if by_site(test):
        return estimate_of_sites(cells, test)
    table = cells.marginal_laws[test.table] * cells.expected_sizes[:, None]
    return float(test.smooth.results(np.ascontiguousarray(table[None]))[0, ESTIMATE])


def _averaged(so_far: Floats, power: Floats, expected: Floats) -> PredictivePower:
    estimate, error = float(so_far[0]), float(so_far[1])
    usable = np.isfinite(expected)
    if not (math.isfinite(estimate) and math.isfinite(error) and error > 0.0 and usable.any()):
        return PredictivePower(math.nan, math.nan, math.nan, math.nan, math.nan)
    log_weight = -0.5 * ((estimate - expected[usable]) / error) ** 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = float(weight @ power[usable])
    spread = math.sqrt(float(weight**2 @ (power[usable] - mean) ** 2))
    return PredictivePower(mean, spread, 1.0 / float(weight @ weight), estimate, error)

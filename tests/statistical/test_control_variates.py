"""Estimates with control variates against plain ones: the same mean, and the standard errors that they claim."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import evaluate_block, settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import make_engine
from jaksim.design.sums.summary import Summary
from jaksim.design.twin.control_variates import control_variates
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
CHANGES = ['population.stratum_sizes="drawn"', "analysis.1.method=win_ratio", 'analysis.1.endpoint="score"']
SEEDS, REPLICATES, LONG = 120, 512, 150_000
BLOCK = 512


def summaries(cells, tests, seed, replicates, *, controlled):
    engine = make_engine(cells, seed)
    controls = control_variates(cells, tests, engine) if controlled else ()
    total = Summary.empty(len(tests))
    for first in range(0, replicates, BLOCK):
        total.add(evaluate_block(engine, tests, None, first, min(BLOCK, replicates - first), controls=controls))
    return total


@pytest.mark.parametrize("null", [False, pytest.param(True, marks=pytest.mark.verify)])
def test_estimates_are_unbiased_and_their_errors_right(null):
    trial = load_scenario(SMALL, changes=CHANGES).trial
    cells = Cells(trial.under_null() if null else trial)
    tests = settle(cells)
    assert [test.plan.method for test in tests] == [
        "log_rank", "win_ratio", "proportional_odds", "risk_difference_mh", "van_elteren", "risk_difference",
    ]  # fmt: skip
    long = summaries(cells, tests, 99, LONG, controlled=False)
    short = [summaries(cells, tests, seed, REPLICATES, controlled=True) for seed in range(SEEDS)]
    for position, sums in enumerate(long.tallies):
        share = sums.rejections / LONG
        estimates = np.array([one.controlled[position].mean for one in short])
        errors = np.array([one.controlled[position].standard_error for one in short])
        mean, error = estimates.mean(), estimates.std(ddof=1) / math.sqrt(SEEDS)
        assert abs(mean - share) < 4.0 * math.hypot(error, math.sqrt(share * (1.0 - share) / LONG))
        # The variance of so many standard normal numbers is 1 with a standard error of sqrt(2 / number).
        assert abs(estimates.var(ddof=1) / np.mean(errors**2) - 1.0) < 4.0 * math.sqrt(2.0 / SEEDS)
        assert error < 0.5 * math.sqrt(share * (1.0 - share) / (SEEDS * REPLICATES))


def test_paths_have_the_same_controls_as_laws():
    trial = load_scenario(SMALL, changes=CHANGES).trial
    cells = Cells(trial)
    tests = settle(cells)
    found = []
    for name in ("law", "path"):
        engine = make_engine(cells, 7, name)
        controls = control_variates(cells, tests, engine)
        total = Summary.empty(len(tests))
        for first in range(0, 4096, BLOCK):
            total.add(evaluate_block(engine, tests, None, first, BLOCK, controls=controls))
        found.append([(one.mean, one.standard_error) for one in total.controlled])
    for (law, law_error), (path, path_error) in zip(*found, strict=True):
        assert abs(law - path) < 4.0 * math.hypot(law_error, path_error)

"""Estimates with control variates against plain ones: the same mean, and the standard errors that they claim."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.prepared import Prepared
from jaksim.design.settings import CONTROL_VARIATES
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
CHANGES = ['population.stratum_sizes="drawn"', "analysis.1.method=win_ratio", 'analysis.1.endpoint="score"']
SEEDS, BLOCK, BLOCKS, LONG = 8, 512, 80, 60_000


def prepared(trial, seed, *, controlled, engine="auto"):
    return Prepared(trial, seed, engine, variance_reduction=CONTROL_VARIATES if controlled else "none")


def summary(prepared, replicates):
    total = prepared.empty()
    for first in range(0, replicates, BLOCK):
        total.add(prepared.sums(first, min(BLOCK, replicates - first)))
    return total.summary


@pytest.mark.parametrize("null", [False, pytest.param(True, marks=pytest.mark.verify)])
def test_estimates_are_unbiased_and_their_errors_right(null):
    trial = load_scenario(SMALL, changes=CHANGES).trial
    trial = trial.under_null() if null else trial
    assert [plan.method for plan in trial.analyses] == [
        "log_rank", "win_ratio", "proportional_odds", "risk_difference_mh", "van_elteren", "risk_difference",
    ]  # fmt: skip
    long = summary(prepared(trial, 99, controlled=False), LONG)
    # Controls come from a pilot of each seed, so that its blocks are independent of each other.
    reduced = [prepared(trial, seed, controlled=True) for seed in range(SEEDS)]
    short = [reduced[block % SEEDS].sums(BLOCK * block, BLOCK).summary for block in range(BLOCKS)]
    for position, sums in enumerate(long.tallies):
        share = sums.rejections / LONG
        estimates = np.array([one.controlled[position].mean for one in short])
        errors = np.array([one.controlled[position].standard_error for one in short])
        mean, error = estimates.mean(), estimates.std(ddof=1) / math.sqrt(BLOCKS)
        assert abs(mean - share) < 4.0 * math.hypot(error, math.sqrt(share * (1.0 - share) / LONG))
        # The variance of so many standard normal numbers is 1 with a standard error of sqrt(2 / number).
        assert abs(estimates.var(ddof=1) / np.mean(errors**2) - 1.0) < 4.0 * math.sqrt(2.0 / BLOCKS)
        assert error < 0.5 * math.sqrt(share * (1.0 - share) / (BLOCKS * BLOCK))


def test_paths_have_the_same_controls_as_laws():
    trial = load_scenario(SMALL, changes=CHANGES).trial
    totals = [summary(prepared(trial, 7, controlled=True, engine=name), 4096) for name in ("law", "path")]
    found = [[(one.mean, one.standard_error) for one in total.controlled] for total in totals]
    for (law, law_error), (path, path_error) in zip(*found, strict=True):
        assert abs(law - path) < 4.0 * math.hypot(law_error, path_error)

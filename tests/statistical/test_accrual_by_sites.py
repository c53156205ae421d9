"""Sites that are alike, open from the first day and never fail anybody bring patients as a Poisson process of their
joint rate: the design layer then has the distribution that it has with an [accrual] of that rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from jaksim.analysis import Z
from jaksim.design.prepared import Prepared
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.accrual import Accrual
from jaksim.trial.operations.accrual import expected_accrual
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import even_sites
from tests.unit.design.operated import scenario_trial

RATE = 9.0
BLOCK = 500


def found(trial, replicates):
    """Day of the end, patients enrolled and z (3, replicates)."""
    design = Prepared(trial, 11, "law").design
    blocks = [design.conduct(first, BLOCK)[0] for first in range(0, replicates, BLOCK)]
    day = np.concatenate([one.day for one in blocks])
    enrolled = np.concatenate([one.enrolled.sum(axis=1) for one in blocks])
    return day, enrolled, np.concatenate([one.results[0, :, Z] for one in blocks])


@pytest.mark.parametrize("replicates", [1_500, pytest.param(10_000, marks=pytest.mark.verify)])
@pytest.mark.parametrize("name", ["interims", "arms"])
def test_sites_of_a_poisson_process_are_an_accrual(name, replicates):
    trial = scenario_trial(f"tests/scenarios/{name}")
    trial = replace(trial, population=replace(trial.population, stratum_sizes="drawn"))
    plain = replace(trial, accrual=Accrual(PiecewiseConstant((), (RATE,))))
    operations = Operations(even_sites(30, RATE))
    sites = replace(trial, operations=operations, accrual=expected_accrual(operations))
    for one, other in zip(found(plain, replicates), found(sites, replicates), strict=True):
        # Two-sided p of |z| > 4.
        assert stats.ks_2samp(one[np.isfinite(one)], other[np.isfinite(other)]).pvalue > 6.3e-5
        assert abs(one.mean() - other.mean()) <= 4.0 * np.sqrt((one.var() + other.var()) / replicates)

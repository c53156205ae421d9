"""Sites that are alike, open from the first day and never fail anybody bring patients as a Poisson process of their
joint rate: the design layer then has the distribution that it has with an [accrual] of that rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import jaksim
from jaksim.analysis import Z
from jaksim.design.prepared import Prepared
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.accrual import Accrual
from jaksim.trial.operations.accrual import expected_accrual, expected_shares
from jaksim.trial.operations.day_law import fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup, even_sites
from tests.unit.design.operated import scenario_trial

SITES = Path(__file__).parents[1] / "scenarios" / "sites.toml"
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


def test_what_follows_without_simulation_counts_the_strata_of_the_sites():
    """Where groups of sites have shares of the strata, those expected of all of them stand for the planned ones."""
    groups = [f"operations.country.{name}.strata=[0.1, 0.9]" for name in ("Here", "There")]
    strata = ["population.stratum.ill.weight=0.1", "population.stratum.severe.weight=0.9"]
    planned, by_group, by_stratum = (
        jaksim.power(SITES, changes=changes, replicates=400, door="fast").analyses[0]
        for changes in ([], groups, strata)
    )
    assert by_group.analytic_power == pytest.approx(by_stratum.analytic_power, rel=1e-9)
    assert by_group.power == by_stratum.power
    assert abs(by_group.analytic_power - planned.analytic_power) > 0.02


def test_shares_of_the_strata_are_those_of_who_comes_until_the_trial_is_full():
    """Eight patients a day from day 0 and two from day 10 are 96 and 4 by the end of day 11."""
    sites = (
        SiteGroup("first", 8, 1.0, strata=(1.0, 0.0)),
        SiteGroup("second", 2, 1.0, opens=fixed(10), strata=(0.0, 1.0)),
    )
    operations = Operations(Recruitment((Country("one", sites),), until=100))
    assert expected_shares(operations, (0.5, 0.5), 100) == pytest.approx((0.96, 0.04))
    assert expected_shares(Operations(even_sites(3, 1.0)), (0.3, 0.7), 100) == (0.3, 0.7)

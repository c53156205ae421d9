"""Sizes of the cells under each scheme of randomisation, and what their spread means for a statistic."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.engine import LawEngine
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.twin.size_spread import SizeSpread, balance_of
from jaksim.scenario import load_scenario
from jaksim.simulate import draw_sizes

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
WORST_Z = 4.0
SCHEMES = {
    "simple": ("randomisation.scheme=simple",),
    "simple, fixed strata": ("randomisation.scheme=simple", "population.stratum_sizes=fixed"),
    "blocks over all strata": ("randomisation.stratified=false",),
    "blocks over fixed strata": ("randomisation.stratified=false", "population.stratum_sizes=fixed"),
    "biased coin": ("randomisation.scheme=biased coin",),
    "biased coin in the trial": ("randomisation.scheme=biased coin", "randomisation.stratified=false"),
    "minimisation": ("randomisation.scheme=minimisation", "randomisation.coin=0.9"),
}


def trial_of(name=None, *changes):
    return load_scenario(SMALL, changes=[*(SCHEMES[name] if name else ()), *changes]).trial


def sizes_of(trial, n, seed=3, first=0):
    return make_engine(Cells(trial), seed).sizes(first, n)


@pytest.mark.parametrize("sizes", ["drawn", "fixed"])
def test_blocks_within_strata_keep_their_bytes(sizes):
    trial = trial_of(None, f"population.stratum_sizes={sizes}")
    expected = draw_sizes(300, np.array([0.6, 0.4]), (1, 1), 4, sizes, 3, 7, 5)
    assert sizes_of(trial, 5, first=7).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", SCHEMES)
def test_sizes_do_not_depend_on_the_block_and_use_every_patient(name, monkeypatch):
    trial = trial_of(name)
    found = sizes_of(trial, 20)
    assert (found.sum(axis=1) == 300).all()
    assert np.array_equal(found[13:14], sizes_of(trial, 1, first=13))
    monkeypatch.setattr("jaksim.design.engine.entry.PATIENTS_AT_ONCE", 700)
    assert np.array_equal(found, sizes_of(trial, 20))
    if "fixed" in name:
        assert {tuple(row) for row in found.reshape(20, 2, 2).sum(axis=1)} == {(180, 120)}
    if "blocks" in name:
        assert (found.reshape(20, 2, 2).sum(axis=2) == 150).all()


def covariance(name, n):
    """Exact covariance (4, 4) of the sizes of cells (arm, stratum), with chances 1/2 * (0.6, 0.4)."""
    p = np.outer([0.5, 0.5], [0.6, 0.4]).ravel()
    if name == "simple":
        return n * (np.diag(p) - np.outer(p, p))
    if name == "simple, fixed strata":
        return np.kron([[1, -1], [-1, 1]], np.diag([0.6, 0.4])) * n / 4
    return np.kron(np.eye(2), [[1, -1], [-1, 1]]) * (n / 2) * 0.24


@pytest.mark.parametrize("name", ["simple", "simple, fixed strata", "blocks over all strata"])
def test_sizes_and_the_twin_have_the_covariance_of_the_scheme(name):
    n = 6000
    trial = trial_of(name)
    found, exact = np.cov(sizes_of(trial, n).T), covariance(name, 300)
    variances = np.diag(exact)
    error = np.sqrt((np.outer(variances, variances) + exact**2) / n)
    assert (np.abs(found - exact) < WORST_Z * error + 1e-9).all()
    spread = SizeSpread(
        drawn="fixed" not in name,
        balance=balance_of(trial.randomisation),
        arms=np.array([0, 1]),
        shares=np.array([0.5, 0.5]),
    )
    for slopes in np.random.default_rng(1).normal(size=(5, 4)):
        twin = spread.variance(slopes, np.array([0.6, 0.4]), 300)
        assert twin == pytest.approx(slopes @ exact @ slopes)


def test_both_margins_fixed_leave_the_spread_of_a_table_without_replacement():
    found = sizes_of(trial_of("blocks over fixed strata"), 6000)[:, 0]
    # 150 of 300 patients on an arm, 180 of the 300 in the stratum: hypergeometric.
    variance = 150 * 0.6 * 0.4 * 150 / 299
    assert abs(found.mean() - 90.0) < WORST_Z * math.sqrt(variance / 6000)
    assert abs(found.var(ddof=1) - variance) < WORST_Z * variance * math.sqrt(2 / 6000)
    spread = SizeSpread(False, "trial", np.array([0, 1]), np.array([0.5, 0.5]))
    twin = spread.variance(np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.6, 0.4]), 300)
    assert twin == pytest.approx(variance, rel=0.01)


def test_an_arm_of_two_comparisons_counts_once_and_others_not_at_all():
    spread = SizeSpread(True, "chance", np.array([0, 0, 1, 2]), np.full(4, 0.25))
    slopes = np.array([[1.0], [2.0], [-1.0], [0.5]])
    p, f = np.full(4, 0.25) * 0.7, np.array([3.0, -1.0, 0.5, 0.0])
    assert spread.variance(slopes, np.array([0.7]), 10) == pytest.approx(10 * (p @ f**2 - (p @ f) ** 2))


@pytest.mark.parametrize("name", ["simple", "blocks over all strata", "minimisation"])
def test_power_agrees_with_its_twin(name):
    trial = trial_of(name, "population.patients=1200", "disease.treatments.drug.effect.0.hazard_ratio=1.25")
    assert isinstance(make_engine(Cells(trial), 1), LawEngine)
    for one in trial_power(trial, Settings(replicates=8000, seed=9)).analyses:
        # The twin is an approximation: half a percentage point is granted on top of the Monte Carlo error.
        assert abs(one.power - one.analytic_power) < WORST_Z * one.mc_se + 0.005, one.name

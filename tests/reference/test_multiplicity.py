"""Procedures for several hypotheses against R, statsmodels and published worked examples."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from statsmodels.stats.multitest import multipletests

from jaksim.design.analyses.multiple import hochberg, reject_by_levels
from jaksim.trial.multiplicity.dunnett import critical_value, dunnett_levels
from jaksim.trial.multiplicity.graph import graph_weights
from jaksim.trial.multiplicity.plan import Multiplicity

HERE = Path(__file__).parent
CRITICAL = pd.read_csv(HERE / "dunnett_expected.csv", skipinitialspace=True)
STEPS = pd.read_csv(HERE / "dunnett_steps_expected.csv", skipinitialspace=True)


@pytest.mark.parametrize("row", CRITICAL.to_dict("records"), ids=range(len(CRITICAL)))
def test_dunnett_critical_values(row):
    """Written by make_dunnett.R beside this file; the two-sided ones are Monte Carlo integrals."""
    ratios = tuple(float(r) for r in row["ratios"].split())
    expected = pytest.approx(row["critical"], abs=1e-6 if row["sides"] == 1 else 5e-4)
    assert critical_value(ratios, row["alpha"], row["sides"]) == expected


@pytest.mark.parametrize(
    ("arms", "alpha", "sides", "printed"),
    [
        (2, 0.05, 1, 1.92),
        (3, 0.05, 1, 2.06),
        (4, 0.05, 1, 2.16),
        (9, 0.05, 1, 2.42),
        (2, 0.01, 1, 2.56),
        (3, 0.01, 1, 2.68),
        (2, 0.05, 2, 2.21),
        (3, 0.05, 2, 2.35),
        (4, 0.05, 2, 2.44),
    ],
)
def test_dunnett_tables(arms, alpha, sides, printed):
    """Dunnett, J Am Stat Assoc 1955;50:1096 and Biometrics 1964;20:482, infinite degrees of freedom."""
    assert critical_value((1.0,) * arms, alpha, sides) == pytest.approx(printed, abs=0.0051)


@pytest.mark.parametrize("row", STEPS.to_dict("records"), ids=range(len(STEPS)))
def test_step_down_dunnett(row):
    """The adjusted p value is the smallest level that rejects; written by make_dunnett.R with multcomp."""
    sides = int(row["sides"])
    z = np.array([row["z_1"], row["z_2"], row["z_3"]])
    p = (ndtr(-z) if sides == 1 else 2 * ndtr(-abs(z)))[:, None]
    for i in range(3):
        for factor, rejects in ((1.01, True), (0.99, False)):
            levels = dunnett_levels([0.5, 1.0, 2.0], row[f"p_{i + 1}"] * factor, sides, step_down=True)
            assert reject_by_levels(p, levels)[i, 0] == rejects


@pytest.mark.parametrize("procedure", ["bonferroni", "holm", "hochberg"])
@pytest.mark.parametrize("alpha", [0.025, 0.05, 0.2])
def test_against_statsmodels(procedure, alpha, monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels calls it for each, and takes long
    p = np.random.default_rng(3).beta(0.5, 2.0, size=(4, 8 if procedure == "holm" else 300))
    plan = Multiplicity(procedure, ("a", "b", "c", "d"), alpha)
    mine = hochberg(p, alpha) if procedure == "hochberg" else reject_by_levels(p, plan.local_levels())
    name = {"hochberg": "simes-hochberg"}.get(procedure, procedure)
    theirs = np.array([multipletests(one, alpha, method=name)[0] for one in p.T]).T
    assert 0.05 < theirs.mean() < 0.95
    np.testing.assert_array_equal(mine, theirs)


def test_graph_of_two_primary_and_two_secondary_hypotheses():
    """Graph and p values of the shortcut vignette of graphicalMCP: H1, H2 and H4 are rejected at 2.5 %."""
    graph = [[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0, 1, 0, 0], [1, 0, 0, 0]]
    levels = 0.025 * graph_weights([0.5, 0.5, 0, 0], graph)
    p = np.array([0.018, 0.01, 0.105, 0.006])[:, None]
    assert reject_by_levels(p, levels)[:, 0].tolist() == [True, True, False, True]


def test_graph_of_three_doses_on_two_endpoints():
    """The example of class graphMCP in gMCP, after Bretz et al., Stat Med 2011;30:1489, at 5 %: its fourth graph, after
    three rejections, is the last."""
    third = 1 / 3
    graph = [
        [0, 0.5, 0, 0.5, 0, 0],
        [third, 0, third, 0, third, 0],
        [0, 0.5, 0, 0, 0, 0.5],
        [0, 1, 0, 0, 0, 0],
        [0.5, 0, 0.5, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
    ]
    levels = 0.05 * graph_weights([third] * 3 + [0.0] * 3, graph)
    p = np.array([0.1, 0.008, 0.005, 0.15, 0.04, 0.006])[:, None]
    assert reject_by_levels(p, levels)[:, 0].tolist() == [False, True, True, False, False, True]

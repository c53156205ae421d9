"""What adjustment for age is worth on an ordinal outcome, against a published simulation.

Benkeser, Diaz, Luedtke, Segal, Scharfstein and Rosenblum, "Improving precision and power in randomized trials for
COVID-19 treatments using covariate adjustment", medRxiv 2020.04.19.20069922 version 2 (PMC7302221), table 4:
Mann-Whitney estimand, hospitalised patients, 1000 trials a row; later Biometrics 2021;77:1467. The setting is that of
github.com/mrosenblum/COVID-19-RCT-STAT-TOOLS, Simulation/ordinal/ordinal_simulation.R, commit 838ca0d (4 June 2020),
`make_data_1`: death, intensive care or neither by seven age groups (CDC); treatment changes the log odds of intensive
care alone. Their adjusted estimator is doubly robust (R package drord), with a proportional odds model by arm that is
linear in the number of the age group; linear it is here, too.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from jaksim.analysis.regression.models import MODELS
from jaksim.analysis.regression.rows import rows_of_tables
from jaksim.analysis.win.mann_whitney_adjusted import mann_whitney_adjusted
from jaksim.design.sums.gains import gains
from jaksim.design.sums.summary import summarise, tally
from jaksim.trial import AnalysisPlan
from jaksim.trial.adjustment import Adjustment

AGE = np.diff(norm.cdf([-np.inf, -2.31, -1.30, -0.77, -0.39, 0.06, 0.66, np.inf]))
DEATH = np.array([0.0, 0.008547009, 0.026262626, 0.079051383, 0.105409154, 0.165919283, 0.371062992])
INTENSIVE_CARE = np.array([0.0, 0.1766382, 0.3191919, 0.3142292, 0.3730929, 0.4652466, 0.3474409])
GROUP = np.arange(1.0, 8.0)[:, None]
NOBODY = np.empty((7, 0))
TRIALS_PUBLISHED = 1000
# Patients, effect, Mann-Whitney probability, powers without and with adjustment, ratio of the mean squared errors.
TABLE_4 = [
    (100, 0.0, 0.500, 0.054, 0.055, 0.822),
    (100, -2.4, 0.627, 0.688, 0.753, 0.852),
    (200, 0.0, 0.500, 0.047, 0.036, 0.864),
    (200, -2.4, 0.627, 0.940, 0.968, 0.878),
    (500, 0.0, 0.500, 0.055, 0.052, 0.843),
    (500, -1.1, 0.582, 0.946, 0.959, 0.905),
    (1000, 0.0, 0.500, 0.046, 0.046, 0.844),
    (1000, -0.7, 0.557, 0.936, 0.948, 0.890),
]
WITHOUT_EFFECT = [row for row in TABLE_4 if row[1] == 0.0]


def laws(effect):
    """Probabilities (2, 7, 3) of death, intensive care and neither, by arm and age group."""
    care = [INTENSIVE_CARE, expit(logit(INTENSIVE_CARE) + effect)]
    return np.array([np.stack([DEATH, one, 1.0 - DEATH - one], axis=1) for one in care])


def proportional_laws(log_odds):
    """The same control arm; in the active one the odds of death and of death or intensive care change alike."""
    worse = np.stack([DEATH, DEATH + INTENSIVE_CARE], axis=1)
    arms = [np.column_stack([np.zeros(7), one, np.ones(7)]) for one in (worse, expit(logit(worse) + log_odds))]
    return np.array([np.diff(one, axis=1) for one in arms])


def tables(law, n, trials, seed):
    """Trials (B, 2, 1, 7, 3) of n patients, each in either arm with probability one half."""
    chances = 0.5 * AGE[:, None] * law
    return np.random.default_rng(seed).multinomial(n, chances.ravel(), size=trials).reshape(-1, 2, 1, 7, 3)


def gain(method, drawn, value=(1.0, 2.0, 3.0)):
    """What `jaksim power` shows as the gain of an adjusted analysis, and its powers."""
    endpoint = SimpleNamespace(rank=np.array([2, 1, 0]), value=np.array(value))
    plans = [AnalysisPlan("adjusted", "status", method, "drug", "placebo", adjustment=Adjustment(("age",)))]
    plans.append(AnalysisPlan("plain", "status", method, "drug", "placebo"))
    results = [MODELS[method].fit(rows_of_tables(drawn, x), endpoint, 0, 0.0, strata=False)[0] for x in (GROUP, NOBODY)]
    rejected = np.array([abs(one[:, 2]) > 1.959964 for one in results])
    (found,) = gains(plans, summarise([tally(one, r, r) for one, r in zip(results, rejected, strict=True)], rejected))
    return found, rejected.mean(axis=1)[::-1]


def error_of_ratio(ratio, trials):
    """Standard error of a ratio of variances of two estimates whose squared correlation is that ratio."""
    return 2.0 * ratio * math.sqrt((1.0 - ratio) / trials)


def win_probabilities(drawn):
    """Mann-Whitney estimates (B, 2) without and with adjustment."""
    arm, group, status = (one.ravel() for one in np.meshgrid([0, 1], GROUP[:, 0], [1, 2, 3], indexing="ij"))
    found = []
    for table in drawn.reshape(len(drawn), -1):
        who = np.repeat(np.arange(len(table)), table)
        given = arm[who], status[who]
        pair = mann_whitney_adjusted(*given), mann_whitney_adjusted(*given, group[who][:, None])
        found.append([one.estimate for one in pair])
    return np.array(found)


@pytest.mark.parametrize(("effect", "published"), sorted({(row[1], row[2]) for row in TABLE_4}))
def test_the_setting_is_the_published_one(effect, published):
    control, active = np.tensordot(AGE, laws(effect), (0, 1))
    better = np.append(0.0, np.cumsum(control)[:-1]) + 0.5 * control
    assert float(better @ active) == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize(
    ("row", "trials"),
    [(TABLE_4[4], 400), (TABLE_4[5], 400), *(pytest.param(row, 4000, marks=pytest.mark.verify) for row in TABLE_4)],
)
def test_the_win_probability_gains_as_much_as_published(row, trials):
    """One and the same estimand; the adjustment is that of Koch et al. (1998), without a model."""
    n, effect, probability, *_, published = row
    found = win_probabilities(tables(laws(effect), n, trials, seed=n))
    ratio = found[:, 1].var() / found[:, 0].var()
    assert found.mean(axis=0) == pytest.approx(probability, abs=0.004)
    error = math.hypot(error_of_ratio(published, TRIALS_PUBLISHED), error_of_ratio(ratio, trials))
    assert ratio == pytest.approx(published, abs=3.0 * error)


@pytest.mark.parametrize("row", WITHOUT_EFFECT)
def test_the_analysis_of_covariance_of_rank_scores_gains_as_much(row):
    """Without an effect the Mann-Whitney probability is, to first order, a difference of mean ridits."""
    n, *_, published = row
    shares = AGE @ laws(0.0)[0]
    found, _ = gain("mean_difference", tables(laws(0.0), n, 4000, seed=n), np.cumsum(shares) - 0.5 * shares)
    error = math.hypot(error_of_ratio(published, TRIALS_PUBLISHED), error_of_ratio(published, 4000))
    assert 1.0 / found.relative_efficiency == pytest.approx(published, abs=3.0 * error)


def test_proportional_odds_gain_as_much_where_odds_are_proportional():
    """A conditional odds ratio is another estimand, but its test is that of ranks: near no effect the patients saved
    are the same. No effect in the table is proportional, hence the mean of the four rows without any."""
    published = float(np.mean([row[-1] for row in WITHOUT_EFFECT]))
    found, _ = gain("proportional_odds", tables(proportional_laws(-0.5), 1000, 16_000, seed=1))
    error = math.hypot(
        error_of_ratio(published, len(WITHOUT_EFFECT) * TRIALS_PUBLISHED), error_of_ratio(published, 16_000)
    )
    assert 1.0 / found.relative_efficiency == pytest.approx(published, abs=3.0 * error)


@pytest.mark.parametrize("row", [TABLE_4[5], TABLE_4[7]])
def test_proportional_odds_have_the_published_powers(row):
    """Under the published effects, where odds are not proportional; of 500 patients and more, since the published
    tests of fewer are by bootstrap intervals that differ from Wald's."""
    n, effect, _, *published, _ = row
    found, powers = gain("proportional_odds", tables(laws(effect), n, 4000, seed=n))
    error = [math.sqrt(one * (1.0 - one) * (1 / 1000 + 1 / 4000)) for one in published]
    assert (abs(powers - published) < 3.0 * np.array(error)).all()
    assert found.difference == pytest.approx(published[1] - published[0], abs=3.0 * math.hypot(*error))
    # The odds of death stay: given age the common odds ratio is hardly further from 1 than its larger error allows.
    assert 1.0 < found.relative_efficiency < 1.1

"""Counts of transitions drawn under no effect from the very model that is fitted: z of either variance is standard.

Patients walk through four scores, the worst for good, with logit P(score of day d among the j best | score r before)
= alpha_j + gamma_r + delta d: odds are proportional by construction, also in the day.
"""

import math

import numpy as np
import pytest
from scipy.special import expit

from jaksim.analysis import ESTIMATE, STANDARD_ERROR, get_method
from jaksim.analysis.counts import Z
from jaksim.endpoint import build_endpoint
from jaksim.scale import OrdinalScale
from jaksim.simulate.transitions import compile_chains, draw_transitions

METHOD = get_method("markov_proportional_odds")
SCALE = OrdinalScale(
    name="four",
    scores=(1, 2, 3, 4),
    labels=("home", "ward", "ventilated", "dead"),
    higher_is_worse=True,
    absorbing=(4,),
    sets={"dead": (4,)},
)
HORIZON, REPLICATES, WORST_Z = 14, 4000, 4.0
THRESHOLDS = np.array([-1.0, 1.5, 4.5])
BEFORE = np.array([3.0, 0.0, -2.5])
PER_DAY = 0.04


def daily(beta=0.0):
    """Transition probabilities (H, 4, 4) of the model with log odds ratio `beta` of a better score."""
    day = np.arange(1, HORIZON + 1)
    among = expit(THRESHOLDS + BEFORE[:, None] + (beta + PER_DAY * day)[:, None, None])
    stay_dead = np.zeros((HORIZON, 1, 3))
    whole = np.ones((HORIZON, 4, 1))
    return np.diff(np.concatenate([among, stay_dead], axis=1), axis=2, prepend=0.0, append=whole)


@pytest.fixture(scope="module")
def endpoint():
    return build_endpoint({"name": "daily", "kind": "longitudinal"}, SCALE, HORIZON)


@pytest.fixture(scope="module")
def null_tables():
    """Tables (B, 2, 2, K) without effect: two arms, each with 90 patients who start at 2 and 60 who start at 3."""
    plan = compile_chains([daily()] * 4, [1, 2, 1, 2], range(4), [1.0] * 4, range(4))
    counts = draw_transitions(plan, np.tile([90, 60, 90, 60], (REPLICATES, 1)), 31, 0)
    return np.ascontiguousarray(counts.reshape(REPLICATES, 2, 2, -1))


def fitted(tables, endpoint, **options):
    out = np.empty((len(tables), 3))
    METHOD.evaluate(tables, endpoint, METHOD.settings(options), out)
    return out


def test_the_model_is_the_one_that_is_fitted(endpoint):
    expected = [[[1000.0 * endpoint.law(daily(beta), 2)]] for beta in (0.0, 0.4)]
    tables = np.array([[arm[0] for arm in expected]])
    assert fitted(tables, endpoint)[0, ESTIMATE] == pytest.approx(0.4, abs=1e-7)


@pytest.mark.parametrize("variance", ["model", "robust"])
@pytest.mark.parametrize("stratified", [False, True])
def test_z_is_standard_without_effect(variance, stratified, endpoint, null_tables):
    out = fitted(null_tables, endpoint, variance=variance, stratified=stratified)
    z, estimates = out[:, Z], out[:, ESTIMATE]
    assert np.isfinite(out).all()
    error_of_sd = 1.0 / math.sqrt(2.0 * REPLICATES)
    assert abs(z.mean()) * math.sqrt(REPLICATES) < WORST_Z
    assert abs(z.std(ddof=1) - 1.0) < WORST_Z * error_of_sd
    assert abs(estimates.mean()) * math.sqrt(REPLICATES) / estimates.std(ddof=1) < WORST_Z
    ratio = math.sqrt(np.mean(out[:, STANDARD_ERROR] ** 2)) / estimates.std(ddof=1)
    assert abs(ratio - 1.0) < WORST_Z * error_of_sd
    assert abs(np.mean(np.abs(z) > 1.959964) - 0.05) < WORST_Z * math.sqrt(0.05 * 0.95 / REPLICATES)

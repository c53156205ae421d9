"""The transition odds ratio of the Markov model and the hazard ratio of Cox, where both describe the same effect.

Patients are ill (2) until they recover (1) or die (3), both for good. Over a day with intensity h of recovery alone an
ill patient recovers with probability 1 - exp(-h), so with a hazard ratio c the odds ratio of the day is
(exp(c h) - 1) / (exp(h) - 1) = c (1 + (c - 1) h / 2 + O(h^2)): it is exactly that at expected counts, and the hazard
ratio as the days become short. Where the treatment also divides the intensity of death by c, the odds of recovery and
the odds of not dying are both multiplied by c in that limit, as proportional odds have it.
"""

import math

import numpy as np
import pytest

from jaksim.analysis import ESTIMATE, get_method
from jaksim.endpoint import build_endpoint
from jaksim.scale import OrdinalScale

RATIO = 1.6
WORST_Z = 4.0
SCALE = OrdinalScale(
    name="three",
    scores=(1, 2, 3),
    labels=("recovered", "ill", "dead"),
    higher_is_worse=True,
    absorbing=(1, 3),
    sets={"recovered": (1,), "dead": (3,)},
)
MARKOV, COX = get_method("markov_proportional_odds"), get_method("cox")


def endpoints(horizon):
    recovery = {"name": "recovery", "kind": "time_to_event", "set": "recovered", "death": "censor"}
    return (
        build_endpoint({"name": "daily", "kind": "longitudinal"}, SCALE, horizon),
        build_endpoint(recovery, SCALE, horizon),
    )


def daily(recovery, death, horizon):
    """Transition probabilities (H, 3, 3) with constant intensities per day."""
    stay = math.exp(-recovery - death)
    leave = (1.0 - stay) / (recovery + death)
    return np.tile([[1.0, 0.0, 0.0], [recovery * leave, stay, death * leave], [0.0, 0.0, 1.0]], (horizon, 1, 1))


def log_ratio(method, endpoint, tables):
    out = np.empty((len(tables), 3))
    method.evaluate(np.ascontiguousarray(tables), endpoint, method.settings({}), out)
    return out[:, ESTIMATE]


def at_expected_counts(recovery, death, horizon):
    """Log odds ratio of the Markov model and log hazard ratio of Cox at expected counts."""
    arms = daily(recovery, death, horizon), daily(RATIO * recovery, death / RATIO, horizon)
    return [
        float(log_ratio(method, one, np.array([[[1000.0 * one.law(P, 1)] for P in arms]]))[0])
        for method, one in zip((MARKOV, COX), endpoints(horizon), strict=True)
    ]


@pytest.mark.parametrize("intensity", [0.2, 0.05, 0.01])
def test_odds_ratio_of_recovery_alone_is_that_of_one_day(intensity):
    odds, _ = at_expected_counts(intensity, 0.0, 20)
    assert odds == pytest.approx(math.log(math.expm1(RATIO * intensity) / math.expm1(intensity)), abs=1e-9)


@pytest.mark.parametrize("death", [0.0, 0.5])
def test_odds_ratio_and_hazard_ratio_meet_as_days_become_short(death):
    """The same disease in days cut in two, again and again: the distance from the hazard ratio halves with it."""
    cuts = [(0.04 / 2**k, death * 0.04 / 2**k, 25 * 2**k) for k in range(4)]
    found = np.array([at_expected_counts(*one) for one in cuts]) - math.log(RATIO)
    odds, cox = found.T
    assert odds[1:] / odds[:-1] == pytest.approx([0.5] * 3, abs=0.02)
    assert abs(odds[-1]) < 0.003
    assert np.abs(cox).max() < 0.005
    assert abs(cox[-1]) < 0.001
    if not death:
        first_order = [(RATIO - 1.0) * intensity / 2.0 for intensity, _, _ in cuts]
        assert odds == pytest.approx(first_order, rel=0.02)


def test_both_estimates_of_simulated_patients_differ_as_expected():
    replicates, n, horizon, recovery, death = 300, 400, 28, 0.06, 0.02
    longitudinal, time = endpoints(horizon)
    rng = np.random.default_rng(20)
    transitions = np.empty((replicates, 2, 1, longitudinal.n_categories))
    events = np.empty((replicates, 2, 1, time.n_categories))
    for arm, factor in enumerate((1.0, RATIO)):
        for b in range(replicates):
            first = rng.exponential(1.0 / (factor * recovery), n)
            second = rng.exponential(factor / death, n)
            over = np.arange(horizon + 1.0) >= np.minimum(first, second)[:, None]
            states = np.where(over, np.where(first < second, 0, 2)[:, None], 1)
            counted = longitudinal.transitions.categories_of(states).ravel()
            transitions[b, arm, 0] = np.bincount(counted, minlength=longitudinal.n_categories)
            events[b, arm, 0] = np.bincount(time.automaton.run(states), minlength=time.n_categories)
    odds, hazard = log_ratio(MARKOV, longitudinal, transitions), log_ratio(COX, time, events)
    # 0.002 is granted for the bias of both in a trial of this size. The Markov model also learns from deaths, so the
    # two differ from trial to trial but not in what they estimate.
    expected = np.array(at_expected_counts(recovery, death, horizon))
    assert np.corrcoef(odds, hazard)[0, 1] > 0.8
    difference = odds - hazard
    error = difference.std(ddof=1) / math.sqrt(replicates)
    assert abs(difference.mean() - (expected[0] - expected[1])) < WORST_Z * error + 0.002
    assert abs(odds.mean() - expected[0]) < WORST_Z * odds.std(ddof=1) / math.sqrt(replicates) + 0.002

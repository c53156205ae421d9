"""The stopping rule of a group-sequential trial against a random walk drawn here."""

import numpy as np
import pytest

import jaksim
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.sums.conducted import REASONS

TIMES = [0.3, 0.6, 1.0]
DESIGNS = {
    "one-sided": {},
    "two-sided": {"sides": 2, "spending": "pocock"},
    "not binding": {"futility": "hsd:-2"},
    "binding": {"futility": "hsd:-2", "binding": True},
    "harm": {"harm": "pocock"},
    "futility and harm": {"futility": "z:-0.5,0.8", "harm": "pocock"},
    "wedge": {"sides": 2, "futility": "hsd:-3"},
    "no efficacy at first": {"no_efficacy": (1,), "futility": "hsd:1", "no_futility": (2,)},
}


def stopping(name):
    return Stopping(jaksim.boundaries(information=TIMES, **DESIGNS[name]))


def walks(drift, n, seed):
    """z (n, 3) of n Brownian motions with a drift."""
    steps = np.random.default_rng(seed).normal(size=(n, 3)) * np.sqrt(np.diff(TIMES, prepend=0.0))
    return (np.cumsum(steps, axis=1) + drift * np.array(TIMES)) / np.sqrt(TIMES)


def endings(rule, z, bounds):
    """Share of walks that stop at each analysis for each reason (3, 4)."""
    shares, running = np.zeros((3, len(REASONS))), np.arange(len(z))
    for k in range(3):
        reason = rule.decide(z[running, k], bounds.at(running, k), last=k == 2)
        shares[k] = np.bincount(reason[reason >= 0], minlength=len(REASONS))
        running = running[reason < 0]
    assert not len(running)
    return shares / len(z)


@pytest.mark.parametrize("drift", [0.0, 1.7, -1.2])
@pytest.mark.parametrize("name", DESIGNS)
def test_decisions_happen_as_often_as_the_integral_says(name, drift):
    rule, n = stopping(name), 200_000
    shares = endings(rule, walks(drift, n, 17), rule.planned(n))
    exact = np.array([[look[reason] for reason in REASONS] for look in rule.probabilities(drift)])
    assert exact.sum() == pytest.approx(1.0, abs=1e-9)
    error = np.sqrt(exact * (1.0 - exact) / n)
    assert (np.abs(shares - exact) < 4.0 * error + 1.0 / n).all()
    assert rule.rejection(drift) == pytest.approx(exact[:, list(rule.rejecting)].sum())


@pytest.mark.parametrize("name", DESIGNS)
def test_the_level_is_kept_whether_or_not_futility_is_followed(name):
    rule = stopping(name)
    level = rule.boundaries.plan.alpha
    assert rule.rejection(0.0) <= level + 1e-9
    if rule.boundaries.plan.futility is None or rule.boundaries.plan.binding:
        assert rule.rejection(0.0) == pytest.approx(level, abs=1e-6) or rule.boundaries.plan.harm is not None


@pytest.mark.parametrize("name", DESIGNS)
def test_bounds_at_the_planned_information_are_those_planned(name):
    rule = stopping(name)
    for one, other in zip(rule.at(np.tile(TIMES, (2, 1))), rule.planned(2), strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_statistics_that_do_not_exist_stop_nothing():
    rule = stopping("futility and harm")
    bounds = rule.planned(1)
    assert rule.decide(np.array([np.nan]), bounds.at(np.array([0]), 0), last=False).tolist() == [-1]
    assert REASONS[rule.decide(np.array([np.nan]), bounds.at(np.array([0]), 2), last=True)[0]] == "end"

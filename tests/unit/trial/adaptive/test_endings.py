"""How trials of several arms end, whatever the arms do."""

import numpy as np
import pytest

from jaksim.trial.adaptive.endings import ManyArms
from jaksim.trial.adaptive.many_arms import familywise_error
from jaksim.trial.monitoring.integration import crossing_probabilities

UPPER, LOWER, TIMES, RATIO = (2.8, 2.5, 2.2), (-0.2, 0.3), (0.4, 0.7, 1.0), 0.5
MEANS = np.array([[0.5, 1.0, 1.8], [1.2, 1.5, 2.4], [0.0, 0.0, -0.2]])


def simulated(n, first_success, rng):
    """Rejections of each arm, and ends by analysis with and without one, of arms and control drawn step by step."""
    own, shared = np.sqrt(1 / (1 + RATIO)), np.sqrt(RATIO / (1 + RATIO))
    gains = np.sqrt(np.diff(TIMES, prepend=0.0))
    control, *arms = (np.cumsum(rng.normal(size=(n, 3)) * gains, axis=1) for _ in range(4))
    z = np.array(
        [(own * arm - shared * control) / np.sqrt(TIMES) + mean for arm, mean in zip(arms, MEANS, strict=True)]
    )
    kept, rejected, running = np.ones((3, n), bool), np.zeros((3, n), bool), np.ones(n, bool)
    ends = []
    for j in range(3):
        passes = kept & running & (z[:, :, j] > UPPER[j])
        rejected |= passes
        kept &= ~passes
        if j < 2:
            kept &= ~(running & (z[:, :, j] < LOWER[j]))
        ended = running & (~kept.any(axis=0) | (first_success & rejected.any(axis=0)) | (j == 2))
        ends.append([(ended & rejected.any(axis=0)).mean(), (ended & ~rejected.any(axis=0)).mean()])
        running &= ~ended
    return rejected.mean(axis=1), np.array(ends).T


@pytest.mark.parametrize("first_success", [True, False])
def test_against_simulated_brownian_motions(first_success):
    """z beyond 4 fails."""
    n = 200_000
    found = ManyArms(UPPER, LOWER, TIMES, RATIO).endings(MEANS, first_success=first_success)
    rejected, (efficacy, futility) = simulated(n, first_success, np.random.default_rng(7))
    for exact, share in ((found.rejected, rejected), (found.efficacy, efficacy), (found.futility, futility)):
        assert (np.abs(share - exact) < 4 * np.sqrt(exact * (1 - exact) / n)).all()
    assert found.efficacy.sum() + found.futility.sum() == pytest.approx(1.0, abs=1e-12)


def test_without_effects_it_is_the_familywise_error():
    rule = ManyArms(UPPER, LOWER, TIMES, RATIO)
    error = familywise_error(UPPER, LOWER, TIMES, 4, RATIO)
    for first_success in (True, False):
        found = rule.endings(np.zeros((4, 3)), first_success=first_success)
        assert found.efficacy.sum() == pytest.approx(error, abs=1e-9)
        assert found.rejected.sum() > error


def test_one_arm_is_group_sequential():
    found = ManyArms(UPPER, LOWER, TIMES, RATIO).endings(2.0 * np.sqrt([TIMES]), first_success=True)
    crossing = crossing_probabilities(TIMES, [*LOWER, UPPER[-1]], UPPER, [2.0])
    np.testing.assert_allclose(found.efficacy, crossing.upper[0], atol=1e-6)
    np.testing.assert_allclose(found.futility, crossing.lower[0], atol=1e-6)
    assert found.rejected[0] == pytest.approx(found.efficacy.sum())


def test_an_arm_that_goes_to_its_own_end_does_not_depend_on_the_others():
    alone = ManyArms(UPPER, LOWER, TIMES, RATIO).endings(MEANS[:1], first_success=False)
    together = ManyArms(UPPER, LOWER, TIMES, RATIO).endings(MEANS, first_success=False)
    assert together.rejected[0] == pytest.approx(alone.rejected[0], abs=1e-9)

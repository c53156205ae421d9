import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.formulas.ordinal_size import ordinal_power, ordinal_size


def test_the_size_has_the_power():
    shares = [0.1, 0.2, 0.4, 0.3]
    size = ordinal_size(shares, odds_ratio=1.2, power=0.8)
    assert size == pytest.approx(3148, abs=1)  # Hmisc, man/popower.Rd
    assert ordinal_power(shares, odds_ratio=1.2, patients=size) == pytest.approx(0.8, abs=5e-4)


def test_unequal_arms_need_more_patients():
    shares = [0.25] * 4
    equal, two_to_one = (ordinal_size(shares, odds_ratio=0.7, active_share=share) for share in (0.5, 2 / 3))
    assert two_to_one / equal == pytest.approx(0.25 / (2 / 9))


def test_direction_of_the_odds_ratio_does_not_matter():
    assert ordinal_power([0.5, 0.5], odds_ratio=2.0, patients=100) == pytest.approx(
        ordinal_power([0.5, 0.5], odds_ratio=0.5, patients=100)
    )


def test_agrees_with_simulated_wilcoxon_tests():
    from scipy.stats import mannwhitneyu

    generator = np.random.default_rng(3)
    control = np.array([0.2, 0.3, 0.3, 0.2])
    odds = np.cumsum(control)[:-1] / (1 - np.cumsum(control)[:-1]) * 1.8
    active = np.diff([0.0, *(odds / (1 + odds)), 1.0])
    n, replicates = 100, 1500
    draws = [generator.choice(4, (replicates, n), p=p) for p in (control, active)]
    rejected = mannwhitneyu(*draws, axis=1, use_continuity=False, method="asymptotic").pvalue < 0.05
    expected = ordinal_power((control + active) / 2, odds_ratio=1.8, patients=2 * n)
    assert abs(rejected.mean() - expected) < 4 * (expected * (1 - expected) / replicates) ** 0.5 + 0.01


@pytest.mark.parametrize("shares", [[0.5, 0.4], [1.2, -0.2], [[0.5, 0.5]]])
def test_what_are_no_probabilities_is_refused(shares):
    with pytest.raises(InputError, match="probabilities"):
        ordinal_power(shares, odds_ratio=2.0, patients=100)


def test_no_effect_is_refused():
    with pytest.raises(InputError, match="odds ratio of one"):
        ordinal_size([0.5, 0.5], odds_ratio=1.0)

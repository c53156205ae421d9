import math

import numpy as np
import pytest

from jaksim.formulas.win_law import null_sd, ordinal_win_law
from jaksim.methods import net_benefit, win_odds, win_ratio

REFERENCE, ACTIVE = np.array([0.2, 0.3, 0.1, 0.4]), np.array([0.35, 0.25, 0.15, 0.25])
METHODS = {"win_ratio": win_ratio, "win_odds": win_odds, "net_benefit": net_benefit}


@pytest.mark.parametrize("measure", METHODS)
@pytest.mark.parametrize("counts", [(1e6, 1e6), (2e6, 1e6)])
def test_the_law_is_that_of_the_analysis_of_a_very_large_trial(measure, counts):
    n_0, n_1 = counts
    found = METHODS[measure](np.array([REFERENCE * n_0, ACTIVE * n_1]), np.arange(4))
    law = ordinal_win_law(REFERENCE, ACTIVE)
    value = law.value(measure)
    assert found.estimate == pytest.approx(value if measure == "net_benefit" else math.log(value), rel=1e-9)
    assert found.se == pytest.approx(law.sd(measure, n_1 / (n_0 + n_1)) / math.sqrt(n_0 + n_1), rel=1e-5)


def test_wins_losses_and_ties_are_counted():
    law = ordinal_win_law(REFERENCE, ACTIVE)
    won = sum(ACTIVE[i] * REFERENCE[j] for i in range(4) for j in range(4) if i < j)
    lost = sum(ACTIVE[i] * REFERENCE[j] for i in range(4) for j in range(4) if i > j)
    assert (law.won, law.lost, law.tied) == pytest.approx((won, lost, 1.0 - won - lost))
    assert law.value("win_odds") == pytest.approx((won + 0.5 * law.tied) / (lost + 0.5 * law.tied))


def test_the_null_variance_is_that_of_wilcoxons_test():
    n = 1e6
    found = net_benefit(np.array([REFERENCE * n, ACTIVE * n]), np.arange(4), test="permutation")
    law = ordinal_win_law(REFERENCE, ACTIVE)
    assert found.statistic == pytest.approx(law.net / null_sd(REFERENCE, ACTIVE, 0.5) * math.sqrt(2.0 * n), rel=1e-6)


def test_an_arm_that_wins_everything_has_no_finite_ratio():
    law = ordinal_win_law([0.0, 1.0], [1.0, 0.0])
    assert law.value("win_ratio") == math.inf
    assert law.value("net_benefit") == 1.0

import pytest

from jaksim.errors import InputError
from jaksim.formulas.win_size import win_odds_size, wins_losses_ties


def test_noether_with_equal_arms():
    """Win odds 1.5 are a win probability of 0.6: (z + z)^2 / (3 * 0.01)."""
    assert win_odds_size(win_odds=1.5, power=0.9) == pytest.approx((1.959964 + 1.281552) ** 2 / 0.03, rel=1e-6)
    assert win_odds_size(win_odds=1 / 1.5, power=0.9) == pytest.approx(win_odds_size(win_odds=1.5, power=0.9))


def test_pairs_give_back_both_statistics():
    won, lost, tied = wins_losses_ties(win_odds=0.8, win_ratio=0.7, pairs=1000)
    assert won + lost + tied == pytest.approx(1000)
    assert won / lost == pytest.approx(0.7)
    assert (won + tied / 2) / (lost + tied / 2) == pytest.approx(0.8)


@pytest.mark.parametrize(("odds", "ratio"), [(1.2, 0.9), (2.0, 1.1), (1.0, 1.0)])
def test_contradictions_are_refused(odds, ratio):
    with pytest.raises(InputError):
        wins_losses_ties(win_odds=odds, win_ratio=ratio, pairs=100)


def test_no_effect_is_refused():
    with pytest.raises(InputError):
        win_odds_size(win_odds=1.0)

import pytest

from jaksim.errors import InputError
from jaksim.formulas.win_size import patients_for_win_odds, wins_losses_ties


def test_patients_for_win_odds_at_one_to_two():
    """cran/hce 3715993, tests/validate.R: sizeWO(WO = 1.5, power = 0.9, k = 1/3) gives 395."""
    assert patients_for_win_odds(1.5, power=0.9, share=1 / 3) == 395
    assert patients_for_win_odds(1 / 1.5, power=0.9, share=2 / 3) == 395


def test_wins_losses_and_ties():
    """cran/hce 3715993, inst/doc/Wins.html: propWINS(WO = 1.25, WR = 1.5, Overall = 120 * 150)."""
    assert wins_losses_ties(1.25, 1.5, 120 * 150) == pytest.approx((6000, 4000, 8000))


@pytest.mark.parametrize("win_ratio", [1.2, 0.8, 1.0, -1.0])
def test_a_win_ratio_nearer_to_one_than_the_win_odds(win_ratio):
    with pytest.raises(InputError, match="win_ratio"):
        wins_losses_ties(1.25, win_ratio, 100.0)


def test_values_out_of_range():
    with pytest.raises(InputError, match="no number of patients finds these win odds"):
        patients_for_win_odds(1.0, power=0.9)
    with pytest.raises(InputError, match="power"):
        patients_for_win_odds(1.5, power=1.0)

import numpy as np
import pytest

from jaksim.design.fisher_combination import fisher_design, product_levels
from jaksim.errors import InputError


def test_two_stages_of_bauer_and_koehne():
    """Bauer and Koehne (1994), Biometrics 50:1029: the level is a_1 - c log a_1 for the bounds a_1 and c."""
    assert product_levels([0.0233, 0.0087])[1] == pytest.approx(0.0233 - 0.0087 * np.log(0.0233), rel=1e-12)
    level = fisher_design(2, alpha=0.05).stage_level
    critical = fisher_design(2, alpha=0.05).critical[1]
    assert critical * (1.0 - np.log(critical)) == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize("stages", [2, 4, 6])
def test_levels_hold_among_simulated_p_values(stages):
    design = fisher_design(stages, alpha=0.1)
    products = np.random.default_rng(stages).random((400_000, stages)).cumprod(axis=1)
    found = (np.minimum.accumulate(products / design.critical, axis=1) <= 1.0).mean(axis=0)
    spent = np.array(design.alpha_spent)
    assert np.abs((found - spent) / np.sqrt(spent * (1.0 - spent) / 400_000)).max() < 4.0
    assert spent[-1] == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize(("stages", "alpha"), [(0, 0.05), (11, 0.05), (2, 0.6)])
def test_bad_input_is_refused(stages, alpha):
    with pytest.raises(InputError, match="out of range"):
        fisher_design(stages, alpha=alpha)


def test_critical_values_must_fall():
    with pytest.raises(InputError, match="must fall"):
        product_levels([0.01, 0.02])

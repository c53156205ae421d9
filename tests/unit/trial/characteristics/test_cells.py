import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.trial.characteristics import laws
from jaksim.trial.characteristics.cells import fitted, of_one_latent, shares_of


@pytest.mark.parametrize(("first", "second", "ratio"), [(0.3, 0.2, 4.0), (0.05, 0.6, 0.2), (0.5, 0.5, 30.0)])
def test_two_by_two_tables_are_those_of_plackett(first, second, ratio):
    """Plackett 1965: the share of both is the root of a quadratic equation."""
    table = fitted(np.array([[1.0, 1.0], [1.0, ratio]]), [np.array([1 - first, first]), np.array([1 - second, second])])
    s = 1.0 + (first + second) * (ratio - 1.0)
    both = (s - math.sqrt(s * s - 4.0 * ratio * (ratio - 1.0) * first * second)) / (2.0 * (ratio - 1.0))
    assert table[1, 1] == pytest.approx(both, rel=1e-10)


def test_three_characteristics_keep_their_margins_and_conditional_odds_ratios():
    seed = np.random.default_rng(1).uniform(0.5, 3.0, (2, 3, 2))
    margins = [np.array([0.4, 0.6]), np.array([0.2, 0.5, 0.3]), np.array([0.9, 0.1])]
    table = fitted(seed, margins)
    for axis, margin in enumerate(margins):
        assert table.sum(axis=tuple({0, 1, 2} - {axis})) == pytest.approx(margin, abs=1e-12)

    def odds_ratios(cells):
        return [
            cells[a, b, c] * cells[x, y, c] / (cells[a, y, c] * cells[x, b, c])
            for a, b, x, y, c in [(0, 0, 1, 1, 0), (0, 1, 1, 2, 1), (0, 0, 1, 2, 1)]
        ]

    assert odds_ratios(table) == pytest.approx(odds_ratios(seed), rel=1e-9)


def test_zeros_without_a_table_are_refused():
    half = np.array([0.5, 0.5])
    with pytest.raises(InputError, match="zeros leave nobody"):
        fitted(np.array([[1.0, 0.0], [1.0, 0.0]]), [half, half])
    with pytest.raises(InputError, match="no table has these margins"):
        fitted(np.array([[1.0, 0.0], [0.0, 1.0]]), [half, np.array([0.4, 0.6])])


def test_cells_are_steps_with_their_shares_even_far_out():
    shares = np.array([0.5, 1e-12, 0.5 - 2e-12, 1e-12])
    first, second = of_one_latent(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), shares)
    assert shares_of(first) == pytest.approx(shares, rel=1e-3)
    assert first.cuts == second.cuts
    assert first.values == (0.0, 1.0, 0.0, 1.0)
    assert shares_of(laws.categories([1.0, 2.0, 3.0], [1, 2, 5])) == pytest.approx([0.125, 0.25, 0.625])

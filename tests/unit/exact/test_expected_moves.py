"""Expected moves of each day, against closed forms and a numerical integral."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from jaksim.exact.expected_moves import moves_per_day
from jaksim.model.intensity import IntensityTable


def table_of(*rates, breaks=(0.0,)):
    generators = np.array(rates, dtype=float)
    for generator in generators:
        np.fill_diagonal(generator, 0.0)
        np.fill_diagonal(generator, -generator.sum(axis=1))
    return IntensityTable(np.array(breaks), generators)


def test_moves_out_of_one_state_have_their_closed_form():
    table = table_of([[0, 0.3, 0.1], [0, 0, 0], [0, 0, 0]])
    chosen = np.zeros((3, 3), dtype=bool)
    chosen[0, 2] = True
    days = np.arange(11)
    expected = 0.25 * -np.diff(np.exp(-0.4 * days))
    np.testing.assert_allclose(moves_per_day(table, chosen, 10)[0], expected, rtol=1e-12)


def test_moves_that_come_back_are_those_of_an_integral():
    rates = np.array([[0, 1.4, 0.02], [0.6, 0, 0.2], [0, 0, 0]])
    table = table_of(rates, 0.5 * rates, breaks=(0.0, 2.0))
    chosen = np.zeros((3, 3), dtype=bool)
    chosen[[0, 1], [1, 2]] = True
    first, second = table.generators

    def rate(time):
        state = expm(first * min(time, 2.0)) @ expm(second * max(time - 2.0, 0.0))
        return state[0] @ np.where(chosen, first if time < 2.0 else second, 0.0).sum(axis=1)

    expected = [quad(rate, day, day + 1, epsabs=1e-12)[0] for day in range(4)]
    assert moves_per_day(table, chosen, 4)[0] == pytest.approx(expected, rel=1e-8)

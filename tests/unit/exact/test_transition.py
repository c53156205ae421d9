from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from jaksim.errors import InputError
from jaksim.exact.transition import stacked_transition_matrices, transition_matrices, transition_probability
from jaksim.model.disease import DiseaseModel, IntensityTable, PatientType
from jaksim.model.effect import TreatmentEffect, Window
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Regimen, Treatment
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import niaid_8

HORIZON = 28


@pytest.fixture(scope="module")
def table():
    improvement = PiecewiseConstant((2.5, 7, 13.75), (0.1, 0.2, 0.15, 0.1))
    deterioration = PiecewiseConstant((7,), (0.08, 0.02))
    upward = dict.fromkeys(("4>1", "4>2", "4>3", "5>4", "5>2", "6>5", "7>6", "2>1"), improvement)
    downward = dict.fromkeys(("4>5", "5>6", "5>7", "6>7", "5>8", "6>8", "7>8"), deterioration)
    drug = Treatment("drug", "", (TreatmentEffect(("death",), -0.7, window=Window(0.25, 10.4)),))
    model = DiseaseModel(NaturalHistory.of(niaid_8(), upward | downward), {"drug": drug})
    return model.intensities(Regimen(("drug",)), PatientType(5))


def test_daily_matrices_solve_the_forward_equations(table):
    probability = np.eye(8)
    ends = sorted({*table.breaks.tolist(), *map(float, range(HORIZON + 1))})
    P = transition_matrices(table, HORIZON)
    product = np.eye(8)
    for start, end in pairwise(ends):
        if start >= HORIZON:
            break
        Q = table.generators[np.searchsorted(table.breaks, start, side="right") - 1]
        solution = solve_ivp(
            lambda _, p, Q=Q: (p.reshape(8, 8) @ Q).ravel(),
            (start, end),
            probability.ravel(),
            "DOP853",
            rtol=1e-12,
            atol=1e-14,
        )
        probability = solution.y[:, -1].reshape(8, 8)
        if end.is_integer():
            product = product @ P[int(end) - 1]
            np.testing.assert_allclose(product, probability, rtol=0, atol=1e-11)


def test_shape_rows_and_absorption(table):
    P = transition_matrices(table, HORIZON)
    assert P.shape == (HORIZON, 8, 8)
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=2), 1.0, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(P[:, 7], np.broadcast_to(np.eye(8)[7], (HORIZON, 8)))


def test_chapman_kolmogorov_at_times_inside_days(table):
    for start, middle, end in [(0.0, 0.3, 1.0), (2.2, 2.5, 2.9), (6.9, 10.4, 20.01), (3.0, 3.0, 4.0)]:
        whole = transition_probability(table, start, end)
        parts = transition_probability(table, start, middle) @ transition_probability(table, middle, end)
        np.testing.assert_allclose(whole, parts, rtol=1e-13, atol=1e-16)


def test_daily_matrices_multiply_to_the_whole_horizon(table):
    product = np.linalg.multi_dot(transition_matrices(table, HORIZON))
    np.testing.assert_allclose(product, transition_probability(table, 0.0, HORIZON), rtol=1e-12)


def test_several_breaks_inside_one_day():
    rates = (0.7, 0.1, 2.0, 0.4)
    generators = np.array([[[-rate, rate], [0.0, 0.0]] for rate in rates])
    table = IntensityTable(np.array([0.0, 0.1, 0.35, 1.2]), generators)
    cumulative = [0.1 * 0.7 + 0.25 * 0.1 + 0.65 * 2.0, 0.2 * 2.0 + 0.8 * 0.4, 0.4]
    np.testing.assert_allclose(transition_matrices(table, 3)[:, 0, 0], np.exp(-np.array(cumulative)), rtol=1e-14)


def test_breaks_at_or_after_the_horizon_change_nothing():
    slow, fast = np.array([[-0.1, 0.1], [0.0, 0.0]]), np.array([[-5.0, 5.0], [0.0, 0.0]])
    plain = IntensityTable(np.array([0.0]), np.array([slow]))
    for cut in (3.0, 7.5):
        later = IntensityTable(np.array([0.0, cut]), np.array([slow, fast]))
        np.testing.assert_array_equal(transition_matrices(later, 3), transition_matrices(plain, 3))


def test_stacking_changes_no_table(table):
    other = IntensityTable(np.array([0.0, 1.5]), table.generators[:2])
    stacked = stacked_transition_matrices([table, other, table], 14)
    assert stacked.shape == (3, 14, 8, 8)
    np.testing.assert_allclose(stacked[0], transition_matrices(table, 14), rtol=1e-13)
    np.testing.assert_allclose(stacked[1], transition_matrices(other, 14), rtol=1e-13)
    np.testing.assert_array_equal(stacked[0], stacked[2])


def test_horizon_zero_has_no_days(table):
    assert transition_matrices(table, 0).shape == (0, 8, 8)
    np.testing.assert_array_equal(transition_probability(table, 5.0, 5.0), np.eye(8))


@pytest.mark.parametrize("horizon", [-1, 2.5, "28", None, True])
def test_horizon_must_be_a_whole_number(table, horizon):
    with pytest.raises(InputError, match="horizon"):
        transition_matrices(table, horizon)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, float("inf")), (0, float("nan"))])
def test_times_must_be_in_order(table, start, end):
    with pytest.raises(InputError, match="start, end"):
        transition_probability(table, start, end)


def test_tables_must_share_their_states(table):
    two = IntensityTable(np.array([0.0]), np.zeros((1, 2, 2)))
    with pytest.raises(InputError, match="same states"):
        stacked_transition_matrices([table, two], 3)
    with pytest.raises(InputError, match="at least one"):
        stacked_transition_matrices([], 3)

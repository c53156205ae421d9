import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import load_scale, niaid_8

NIAID = niaid_8()


def test_intensities_are_tabulated_over_the_union_of_their_cuts():
    history = NaturalHistory.of(
        NIAID,
        {"5>4": PiecewiseConstant((3, 7), (0.1, 0.2, 0.3)), "5>8": PiecewiseConstant((5,), (0.01, 0.02)), "4>1": 0.4},
    )
    assert history.cuts == (3.0, 5.0, 7.0)
    assert history.moves == (Move(5, 4), Move(5, 8), Move(4, 1))
    np.testing.assert_array_equal(
        history.values, [[0.1, 0.2, 0.2, 0.3], [0.01, 0.01, 0.02, 0.02], [0.4, 0.4, 0.4, 0.4]]
    )
    assert history.groups == {Move(5, 4): "improvement", Move(5, 8): "death", Move(4, 1): "discharge"}


def test_positions_are_state_indices_not_scores():
    origins, destinations = NaturalHistory.of(load_scale("mrs"), {"4>3": 0.1, "5>6": 0.1}).positions
    np.testing.assert_array_equal(origins, [4, 5])
    np.testing.assert_array_equal(destinations, [3, 6])
    origins, _ = NaturalHistory.of(NIAID, {"4>3": 0.1}).positions
    np.testing.assert_array_equal(origins, [3])


def test_a_group_given_for_a_move_replaces_the_default_one():
    constant = PiecewiseConstant.constant(0.1)
    moves = {Move(4, 3): constant, Move(5, 4): constant}
    history = NaturalHistory(NIAID, moves, {Move(4, 3): "discharge"})
    assert history.groups == {Move(4, 3): "discharge", Move(5, 4): "improvement"}
    np.testing.assert_array_equal(history.selected(("discharge",), None), [True, False])


def test_selection_joins_groups_and_moves_and_keeps_to_current_scores():
    history = NaturalHistory.of(NIAID, {"7>6": 0.1, "6>5": 0.1, "5>6": 0.1, "7>8": 0.1})
    np.testing.assert_array_equal(history.selected(("improvement", Move(7, 8)), None), [True, True, False, True])
    np.testing.assert_array_equal(history.selected(("improvement", Move(7, 8)), (7,)), [True, False, False, True])
    np.testing.assert_array_equal(history.selected(("improvement", Move(7, 8)), None), [True, True, False, True])


@pytest.mark.parametrize(
    ("intensities", "message"),
    [
        ({"5>4": -0.1}, r"move 5>4, values\[0\]: an intensity cannot be negative \(got -0.1\)"),
        ({"5>4": PiecewiseConstant((2,), (0.1, -0.1))}, r"move 5>4, values\[1\].*negative"),
        ({"5>4": float("nan")}, "finite"),
        ({"5>9": 0.1}, r"move 5>9: unknown score \(got 9\); allowed: 1, 2"),
        ({"8>7": 0.1}, "score 8 is absorbing"),
        ({"5-4": 0.1}, "not a move"),
        ({}, "at least one move"),
    ],
)
def test_impossible_natural_histories_are_refused(intensities, message):
    with pytest.raises(InputError, match=message):
        NaturalHistory.of(NIAID, intensities)


def test_impossible_groups_and_types_are_refused():
    moves = {Move(5, 4): PiecewiseConstant.constant(0.1)}
    with pytest.raises(InputError, match="did you mean 'improvement'"):
        NaturalHistory(NIAID, moves, {Move(5, 4): "improvment"})
    with pytest.raises(InputError, match=r"no such move.*allowed: 5>4"):
        NaturalHistory(NIAID, moves, {Move(4, 5): "deterioration"})
    with pytest.raises(InputError, match="PiecewiseConstant"):
        NaturalHistory(NIAID, {Move(5, 4): 0.1})

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.errors import InputError
from jaksim.simulate import draw_sizes

WEIGHTS = [0.1, 0.2, 0.3, 0.4]

designs = st.tuples(
    st.integers(0, 3000),
    st.lists(st.integers(1, 50), min_size=1, max_size=6),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
)


@settings(deadline=None)
@given(designs)
def test_fixed_sizes_are_the_expected_ones_within_one_patient(design):
    n, raw, allocation = design
    weights, share = np.array(raw) / sum(raw), np.array(allocation) / sum(allocation)
    sizes = draw_sizes(n, weights, allocation, sum(allocation), "fixed", 1, 0, 2)
    np.testing.assert_array_equal(sizes[0], sizes[1])
    cells = sizes[0].reshape(len(allocation), len(raw))
    strata = cells.sum(axis=0)
    assert strata.sum() == n
    assert np.abs(strata - n * weights).max() < 1
    assert np.abs(cells - np.outer(share, strata)).max() < 1
    if len(set(allocation)) == 1:
        assert np.ptp(cells.sum(axis=1)) <= 1


def test_fixed_sizes_of_a_round_design_are_exact():
    sizes = draw_sizes(1000, WEIGHTS, [1, 1], 4, "fixed", 1, 0, 3)
    np.testing.assert_array_equal(sizes, np.tile([50, 100, 150, 200, 50, 100, 150, 200], (3, 1)))


@pytest.mark.parametrize(("allocation", "block_size"), [((1, 1), 4), ((2, 1), 6), ((1, 2, 3), 12), ((1,), 5)])
def test_drawn_strata_are_allocated_by_whole_blocks_and_one_cut_short(allocation, block_size):
    n, replicates = 1007, 500
    sizes = draw_sizes(n, WEIGHTS, allocation, block_size, "drawn", 5, 0, replicates)
    cells = sizes.reshape(replicates, len(allocation), 4)
    strata = cells.sum(axis=1)
    np.testing.assert_array_equal(strata.sum(axis=1), n)
    per_block = np.array(allocation) * (block_size // sum(allocation))
    rest = cells - (strata // block_size)[:, None, :] * per_block[:, None]
    assert np.all(rest >= 0)
    assert np.all(rest <= per_block[:, None])
    np.testing.assert_array_equal(rest.sum(axis=1), strata % block_size)


def test_drawn_sizes_of_a_replicate_do_not_depend_on_the_block():
    arguments = (803, WEIGHTS, [2, 1], 6, "drawn", 9)
    whole = draw_sizes(*arguments, 40, 60)
    np.testing.assert_array_equal(draw_sizes(*arguments, 57, 3), whole[17:20])
    assert len(np.unique(whole, axis=0)) > 55
    assert not np.array_equal(draw_sizes(803, WEIGHTS, [2, 1], 6, "drawn", 10, 40, 60), whole)


def test_no_patients_and_no_replicates():
    assert draw_sizes(0, WEIGHTS, [1, 1], 2, "drawn", 1, 0, 3).tolist() == [[0] * 8] * 3
    assert draw_sizes(10, WEIGHTS, [1, 1], 2, "drawn", 1, 0, 0).shape == (0, 8)
    assert draw_sizes(10, WEIGHTS, [1, 1], 2, "fixed", 1, 0, 0).shape == (0, 8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stratum_weights": [0.5, 0.4]}, "sum to one"),
        ({"allocation": [1, 0]}, "whole positive parts"),
        ({"allocation": [0.5, 0.5]}, "whole positive parts"),
        ({"allocation": []}, "whole positive parts"),
        ({"block_size": 3}, "a multiple of 2"),
        ({"block_size": 0}, "a multiple of 2"),
        ({"mode": "fixde"}, "did you mean 'fixed'"),
        ({"n_patients": -1}, "patient"),
        ({"seed": -1}, "seed"),
        ({"first_replicate": 2**32}, "replicate"),
    ],
)
def test_refuses_what_makes_no_sizes(change, message):
    arguments = {
        "n_patients": 10,
        "stratum_weights": [0.5, 0.5],
        "allocation": [1, 1],
        "block_size": 2,
        "mode": "drawn",
        "seed": 1,
        "first_replicate": 0,
        "n": 2,
    }
    draw_sizes(**arguments)
    with pytest.raises(InputError, match=message):
        draw_sizes(**{**arguments, **change})

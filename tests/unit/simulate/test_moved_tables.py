"""Tables that are moved to other sizes of the cells are those drawn of these sizes."""

import numpy as np
import pytest

from jaksim.simulate import compile_laws, draw_tables, move_tables

K, ENDPOINTS = 40, (5, 40)
rng = np.random.default_rng(11)
LAWS = compile_laws([rng.dirichlet(np.full(K, 0.6)) for _ in range(3)])
PARTS = np.stack([np.arange(K) % ENDPOINTS[0], np.arange(K)])


def drawn(sizes, first=7):
    out = np.empty(sizes.size * sum(ENDPOINTS))
    draw_tables(LAWS, PARTS, ENDPOINTS, sizes, 3, first, out)
    return out


def moved(before, after):
    out = drawn(before)
    return move_tables(LAWS, PARTS, ENDPOINTS, before, after, 3, 7, out), out


@pytest.mark.parametrize("low", [0, 5, 60, 300])
@pytest.mark.parametrize("change", [-40, -1, 0, 1, 3, 37])
def test_patients_come_and_go_as_if_they_had_always_been_there(low, change):
    before = 50 + low + rng.integers(0, 12, (6, 3))
    after = np.maximum(before + rng.integers(-1, 2, (6, 3)) + change, 0)
    did, out = moved(before, after)
    assert did == (3 * abs(after - before).sum() <= after.sum())
    assert out.tolist() == drawn(after if did else before).tolist()


def test_more_patients_than_words_at_once():
    """1,300 patients pass the words of a chunk, which serve 1,024."""
    n = 9 * K
    laws = compile_laws([rng.dirichlet(np.full(n, 0.6))])
    before, after = np.array([[5_701], [4_402], [4_402]]), np.array([[4_399], [5_703], [4_402]])
    out, wanted = np.empty(3 * n), np.empty(3 * n)
    draw_tables(laws, np.arange(n)[None], [n], before, 3, 0, out)
    draw_tables(laws, np.arange(n)[None], [n], after, 3, 0, wanted)
    assert move_tables(laws, np.arange(n)[None], [n], before, after, 3, 0, out)
    assert out.tolist() == wanted.tolist()


@pytest.mark.parametrize("large", [K * 16 + 1, K * 33, 2**19 + 1])
def test_cells_that_are_drawn_as_counts_are_not_moved(large):
    small, above = np.full((2, 3), K * 16), np.full((2, 3), large)
    for before, after in ((small, above), (above, small), (above, above + 1)):
        did, out = moved(before, after)
        assert not did
        assert out.tolist() == drawn(before).tolist()

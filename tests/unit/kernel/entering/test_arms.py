"""Words at which the arm drawn by weight changes are those of the draws one by one."""

import numpy as np
import pytest
from numba import njit

from jaksim.kernel.entering import arms

WORDS = 2**32


@njit
def drawn(words, weight, out):
    for i in range(len(words)):
        out[i] = arms.by_weight(words[i] * 2.0**-32, weight)


@njit
def bounds(weight, out):
    arms.words_by_weight(weight, out)


def each(words, weight):
    found = np.empty(len(words), dtype=np.int64)
    drawn(np.asarray(words, dtype=np.float64), weight, found)
    return found


@pytest.mark.parametrize(
    "weight",
    [
        [1.0, 1.0],
        [2.0, 1.0, 1.0, 1.0],
        [0.0, 1.0, 0.0, 2.0, 0.0],
        [1e-12, 0.3, 0.7],
        [0.1, 0.1, 0.1],
        [3.0],
        [0.0, 5.0],
    ],
)
def test_every_word_draws_the_arm_that_weights_draw(weight):
    given = np.array(weight)
    found = np.empty(len(given), dtype=np.uint64)
    bounds(given, found)
    near = (found[:, None].astype(np.int64) + np.arange(-3, 4)).ravel()
    words = np.concatenate([near[(near >= 0) & (near < WORDS)], np.random.default_rng(1).integers(0, WORDS, 2000)])
    np.testing.assert_array_equal((words[:, None] >= found.astype(np.int64)).sum(axis=1), each(words, given))


def test_the_words_of_any_shares_are_exact():
    random = np.random.default_rng(2)
    for _ in range(300):
        given = random.gamma(0.3, size=4)
        given /= given.sum()
        found = np.empty(4, dtype=np.uint64)
        bounds(given, found)
        at = found[found < WORDS].astype(np.int64)
        beyond = np.flatnonzero(found < WORDS)
        assert (each(at, given) > beyond).all()
        some = at > 0
        assert (each(at[some] - 1, given) <= beyond[some]).all()

import numpy as np
import pytest

from jaksim.kernel.binomial import SMALL_MEAN, accepted, candidate, inversion
from jaksim.kernel.philox import unit
from jaksim.rng import Purpose, words
from jaksim.simulate import compile_laws, draw_tables

SEED, CELL = 77, 1


def slowly(laws, n, replicate):
    """Counts of the categories, and how many trials the draws took."""
    start, k = int(laws.start[CELL]), int(laws.start[CELL + 1] - laws.start[CELL])
    count, trials = [float(n)] + [0.0] * (2 * k - 2), []
    for node in range(k - 1):
        p, log_rest = float(laws.share[start + node]), float(laws.log_rest[start + node])
        size, drawn, t = count[node], -1.0, 0
        while drawn < 0.0:
            w = words(SEED, Purpose.LAW_SPLIT, replicate, CELL, node, 4 * t + 4)[4 * t :]
            if size * p < SMALL_MEAN:
                drawn = inversion(size, p, log_rest, unit(w[0], w[1]))
            else:
                u, v = unit(w[0], w[1]) - 0.5, unit(w[2], w[3])
                found, at_once = candidate(size, p, u, v)
                drawn = found if at_once or accepted.py_func(found, size, p, u, v) else -1.0
            t += 1
        trials.append(t)
        share = size - drawn if laws.mirrored[start + node] else drawn
        count[2 * node + 1], count[2 * node + 2] = share, size - share
    return count[k - 1 :], max(trials)


@pytest.mark.parametrize(
    ("law", "n"),
    [([0.2, 0.5, 0.3], 97), ([0.001, 0.749, 0.1, 0.15], 8000), ([0.03, 0.95, 0.02], 500), ([0.5, 0.5], 2**31)],
)
@pytest.mark.parametrize("single_splits", [False, True])
def test_counts_are_those_of_a_plain_slow_form(law, n, single_splits):
    laws, k = compile_laws([law, law]), len(law)
    out = np.empty(150 * 2 * k)
    draw_tables(laws, np.arange(k)[None], [k], np.full((150, 2), n), SEED, 7, out, single_splits=single_splits)
    expected, trials = zip(*(slowly(laws, n, 7 + b) for b in range(150)), strict=True)
    np.testing.assert_array_equal(out.reshape(150, 2, k)[:, CELL], expected)
    assert max(trials) > 1

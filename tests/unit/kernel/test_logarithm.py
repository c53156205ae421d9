from decimal import Decimal, getcontext

import numpy as np

from jaksim.kernel.logarithm import exponential
from jaksim.simulate import reference

EDGES = [0, 1, 2, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1, int(2**32 * 0.5**0.5), int(2**32 * 0.5**0.5) + 1]


def sample():
    return EDGES + np.random.default_rng(4).integers(0, 2**32, 3000).tolist() + [2**32 - 2**k for k in range(31)]


def test_waiting_times_are_right_to_the_last_bits():
    getcontext().prec = 40
    for word in sample():
        exact = -((Decimal(2 * word + 1) / 2**33).ln())
        assert abs(Decimal(exponential(np.uint32(word))) / exact - 1) < 4e-16


def test_plain_python_gives_the_same_bits():
    for word in sample():
        assert exponential(np.uint32(word)) == reference.exponential(word)


def test_a_larger_word_never_waits_longer():
    words = np.sort(np.array(sample(), dtype=np.uint32))
    waits = [exponential(word) for word in words]
    assert np.all(np.diff(waits) <= 0)
    assert 22.8 < waits[0] < 22.9
    assert waits[-1] > 1e-10

import numpy as np
import pytest

from jaksim import rng
from jaksim.kernel.philox import fill_blocks, unit
from jaksim.rng import Purpose

TOP = np.uint32(0xFFFFFFFF)


@pytest.mark.parametrize(("first", "n"), [(0, 1), (0, 37), (5, 64), (2**31, 3)])
def test_planes_hold_the_words_of_the_stream(first, n):
    planes = np.zeros((4, n), np.uint32)
    cell = np.uint64(6 | Purpose.LAW << 24)
    fill_blocks(first, n, np.uint64(3), np.uint64(12), cell, np.uint64(77), np.uint64(0), planes)
    counter = np.zeros((n, 4), np.uint32)
    counter[:, 0] = first + np.arange(n)
    counter[:, 1:] = 3, 12, cell
    np.testing.assert_array_equal(planes.T, rng.philox(counter, (77, 0)))


def test_unit_never_reaches_its_ends_and_uses_52_bits():
    assert unit(np.uint32(0), np.uint32(0)) == 2.0**-53
    assert unit(TOP, TOP) == 1.0 - 2.0**-53
    assert unit(np.uint32(1 << 31), np.uint32(0)) == 0.5 + 2.0**-53
    assert unit(np.uint32(0), np.uint32(1 << 12)) - unit(np.uint32(0), np.uint32(0)) == 2.0**-52

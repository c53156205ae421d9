"""Memory of arrays that are gone serves again, and never that of arrays that are still looked at."""

import gc
from threading import Thread

import numpy as np

from jaksim.simulate.reused_memory import FEWEST_BYTES, reused

SHAPE = (FEWEST_BYTES // 8, 3)


def address(array):
    return array.__array_interface__["data"][0]


def test_the_memory_of_an_array_serves_the_next_of_its_length():
    first = reused(SHAPE, np.float64)
    assert (first.shape, first.dtype, first.flags.c_contiguous, first.flags.writeable) == (
        SHAPE,
        np.float64,
        True,
        True,
    )
    at = address(first)
    del first
    gc.collect()
    assert address(reused((*SHAPE, 2), np.int32)) == at


def test_a_view_keeps_the_memory_of_its_array():
    first = reused(SHAPE, np.float64)
    first[:] = 7.0
    view = first[10:, 1].T[::2]
    del first
    gc.collect()
    others = [reused(SHAPE, np.float64) for _ in range(3)]
    for other in others:
        other[:] = 1.0
    assert (view == 7.0).all()
    assert len({address(other) for other in others}) == 3


def test_an_array_may_end_in_another_thread():
    held = [reused(SHAPE, np.float64)]
    at = address(held[0])
    thread = Thread(target=held.clear)
    thread.start()
    thread.join()
    gc.collect()
    assert address(reused(SHAPE, np.float64)) == at


def test_small_arrays_are_their_own():
    assert reused((4,), np.int8).base is None
    assert reused((0, 5), np.int8).shape == (0, 5)

"""A kernel called by its own entry answers as it does through Numba, or says that it is not for the arguments."""

import math
import pickle
import resource
import sys
import threading
from typing import NamedTuple

import numba
import numpy as np
import pytest

from jaksim.kernel.compiled.entry import NotAlone, entry_of
from jaksim.kernel.compiled.native import _exception, loaded


class Pair(NamedTuple):
    weights: np.ndarray
    limit: int


class Other(NamedTuple):
    weights: np.ndarray
    limit: int


def several(table, counts, pair, n, word, x, strict):
    """Takes each kind of argument, asks for memory of its own, and returns each kind of number."""
    own = np.zeros(n)
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            own[column] += table[row, column] * pair.weights[column] + math.exp(x)
    counts[0] += np.uint32(n)
    if pair.limit < 0:
        raise ValueError("a negative limit")
    return own.sum(), pair.limit + n, word + np.uint64(1), strict or own[0] > 1e9


def entry(function, *given):
    """The entry of a function, compiled for these arguments, and the function as Numba calls it."""
    compiled = numba.njit(error_model="numpy", nogil=True)(function)
    compiled.compile(tuple(numba.typeof(one) for one in given))
    (overload,) = compiled.overloads.values()
    return loaded(entry_of(overload), function.__name__), compiled


def arguments(**changed):
    given = {
        "table": np.arange(6.0).reshape(2, 3),
        "counts": np.zeros(1, np.uint32),
        "pair": Pair(np.array([0.5, 1.0, 2.0]), 7),
        "n": 3,
        "word": np.uint64(2**64 - 2),
        "x": 0.3,
        "strict": False,
    }
    return tuple((given | changed).values())


@pytest.fixture(scope="module")
def called():
    return entry(several, *arguments())


def test_it_answers_as_through_numba(called):
    native, through_numba = called
    given, again = arguments(), arguments()
    assert native(*given) == through_numba(*again) == several(*arguments())
    assert given[1][0] == again[1][0] == 3
    assert [type(one) for one in native(*arguments())] == [float, int, int, bool]


@pytest.mark.parametrize(
    "changed",
    [
        {"n": np.int64(3)},
        {"x": np.float64(0.25)},
        {"strict": np.bool_(True)},
        {"strict": True},
        {"table": np.empty((0, 3))},
        {"pair": Pair(np.array([0.5, 1.0, 2.0]), np.int64(2**40))},
    ],
)
def test_numbers_of_python_and_of_numpy_are_taken(called, changed):
    native, through_numba = called
    assert native(*arguments(**changed)) == through_numba(*arguments(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"table": np.zeros((2, 3), np.float32)},
        {"table": np.zeros((2, 3), ">f8")},
        {"table": np.zeros((3, 2)).T},
        {"table": np.zeros((2, 6))[:, ::2]},
        {"table": np.zeros(3)},
        {"table": np.ma.zeros((2, 3))},
        {"table": [[1.0]]},
        {"table": np.frombuffer(bytes(48)).reshape(2, 3)},  # not to be written to
        {"table": np.frombuffer(bytearray(49), offset=1).reshape(2, 3)},  # not aligned
        {"counts": np.zeros(1, np.int32)},
        {"pair": Other(np.zeros(3), 7)},
        {"pair": (np.zeros(3), 7)},
        {"pair": Pair(np.zeros(3, np.int64), 7)},
        {"pair": None},
        {"n": 3.0},
        {"n": True},
        {"n": 2**63},
        {"n": np.uint64(3)},
        {"n": np.int32(3)},
        {"word": 3},
        {"x": 1},
        {"x": np.float32(1)},
        {"strict": 1},
        {"strict": None},
    ],
)
def test_it_is_for_no_other_types(called, changed):
    native, _ = called
    given = arguments(**changed)
    assert native(*given) is NotImplemented
    assert np.all(given[1] == 0)


def test_it_is_for_no_other_number_of_arguments(called):
    native, _ = called
    assert native() is NotImplemented
    assert native(*arguments()[:-1]) is NotImplemented
    assert native(*arguments(), 1) is NotImplemented


def test_what_a_kernel_raises_comes_pickled(called):
    native, _ = called
    (content,) = native(*arguments(pair=Pair(np.ones(3), -1)))
    assert pickle.loads(content)[:2] == (ValueError, ("a negative limit",))


def test_an_exception_whose_text_is_made_by_the_kernel_is_known_by_its_kind():
    def fill(table, row):
        table[0] = row

    native, _ = entry(fill, np.zeros((2, 3)), np.ones(3))
    (content,) = native(np.zeros((2, 3)), np.ones(2))
    error = _exception(content, "fill")
    assert type(error) is ValueError
    assert str(error) == "raised by fill"
    assert native(np.zeros((2, 3)), np.ones(3)) is None


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 24, 1), (0, 3, 2), (4, 1, 6)])
def test_arrays_are_seen_in_other_shapes_as_through_numba(shape):
    def strides(table, rows):
        return table.reshape(-1).strides, table.reshape((rows, -1)).strides, table[-1:].reshape(-1).sum()

    table = np.arange(float(np.prod(shape))).reshape(shape)
    native, through_numba = entry(strides, table, 2)
    rows = 2 if table.size else table.shape[1]
    assert native(table, rows) == through_numba(table, rows)


def test_threads_call_it_at_once(called):
    native, _ = called
    wanted, found = native(*arguments()), []
    threads = [threading.Thread(target=lambda: found.append([native(*arguments()) for _ in range(200)])) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[wanted] * 200] * 3


def test_arguments_are_held_no_longer_than_the_call(called):
    native, _ = called
    given = arguments(n=np.int64(3), x=np.float64(0.3), strict=np.bool_(False))
    held = [*given[:-1], *given[2]]
    before = [sys.getrefcount(one) for one in held]
    for _ in range(10):
        native(*given)
        native(*given[:-1], 1)
    assert [sys.getrefcount(one) for one in held] == before


def test_memory_of_a_kernels_own_is_given_back(called):
    native, _ = called
    native(*arguments(n=10**6))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(40):
        native(*arguments(n=10**6))  # 8 MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize(
    ("function", "given", "why"),
    [
        (lambda x: x, (np.zeros(3),), "returns"),
        (lambda x: len(x), ("text",), "takes"),
        (lambda x: x.real, (np.zeros(2, complex),), "takes"),
        (lambda x: print(x), (1,), "calls"),  # noqa: T201
    ],
)
def test_a_kernel_that_needs_numba_is_refused(function, given, why):
    with pytest.raises(NotAlone, match=why):
        entry(function, *given)

import copy
import inspect
import multiprocessing
import pickle
import subprocess
import sys
import threading
import traceback

import pytest

from jaksim.analysis.survival.weighted_scores import weight_of_day
from jaksim.kernel import deferred, philox
from jaksim.kernel.deferred import Deferred, interpreted
from jaksim.kernel.jit import inlined, inner, kernel, merged


@inlined
def doubled(x):
    return 2.0 * x


@inner
def plus_one(x):
    return x + 1.0


@merged
def plus_two(x):
    return x + 2.0


@kernel
def combined(x):
    """Calls one of each kind."""
    return doubled(x) + plus_one(x) + plus_two(x)


def test_kernels_call_kernels_of_each_kind():
    assert combined(3.0) == 6.0 + 4.0 + 5.0
    assert combined.signatures
    assert combined.nopython_signatures[0].return_type.name == "float64"


def test_numbas_options_are_those_that_were_asked_for():
    assert (combined.targetoptions["nogil"], combined.targetoptions["error_model"]) == (True, "numpy")
    assert doubled.targetoptions["inline"] == "always"
    assert plus_one.targetoptions["no_cpython_wrapper"]
    assert plus_two.targetoptions["forceinline"]


def test_what_is_asked_of_the_function_is_that_of_the_source():
    assert combined.__name__ == "combined"
    assert combined.__doc__ == "Calls one of each kind."
    assert list(inspect.signature(combined).parameters) == ["x"]
    assert "Calls one of each kind" in inspect.getsource(combined)
    assert weight_of_day.py_func is weight_of_day.__wrapped__
    assert not hasattr(combined, "no_such_attribute")
    assert not hasattr(combined, "__array_interface__")
    assert repr(combined).endswith("test_deferred.combined>")


def test_a_kernel_of_a_class_is_bound_like_a_function():
    class Holder:
        of = Deferred(lambda self, x: (self, x), lambda: lambda self, x: (self, x))

    holder = Holder()
    assert holder.of(3) == (holder, 3)
    assert isinstance(Holder.of, Deferred)


def test_copies_and_pickles_are_the_kernel_itself():
    assert pickle.loads(pickle.dumps(philox.fill_blocks)) is philox.fill_blocks
    assert copy.deepcopy(philox.fill_blocks) is philox.fill_blocks


def test_a_kernel_without_a_place_of_its_own_is_pickled_as_numba_does():
    factor = 3.0

    @kernel
    def times(x):
        return factor * x

    assert pickle.loads(pickle.dumps(times))(2.0) == 6.0


def test_a_fault_shows_where_it_was_called_and_what_was_given():
    with pytest.raises(TypeError) as caught:
        combined(1.0, 2.0)
    assert "argument" in str(caught.value)
    frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[0] == __file__
    assert len(frames) <= 4


def test_threads_that_need_it_first_at_once_get_the_same():
    for _ in range(20):
        start, made, got = threading.Barrier(8), [], []

        def make(made=made):
            made.append(object())
            return lambda: made[0]

        one = Deferred(combined.py_func, make)

        def ask(one=one, start=start, got=got):
            start.wait()
            got.append(one.compiled)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({id(found) for found in got}) == 1
        assert len(got) == 8


def test_threads_of_a_new_process_import_numba_once_between_them():
    code = (
        "import sys, threading; from jaksim.kernel.philox import fill_blocks; "
        "from jaksim.kernel.entering.allocation import allocate; "
        "assert 'numba' not in sys.modules; start = threading.Barrier(6); got = []; "
        "work = lambda one: (start.wait(), got.append((one.__name__, id(one.compiled)))); "
        "threads = [threading.Thread(target=work, args=(one,)) for one in (fill_blocks, allocate) * 3]; "
        "[t.start() for t in threads]; [t.join() for t in threads]; "
        "print(len(got), len(set(got)), 'numba' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["6", "2", "True"]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="processes cannot be copied")
def test_processes_that_are_copied_call_it():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(combined, [1.0, 2.0]) == [combined(1.0), combined(2.0)]


def test_without_compiling_it_is_the_function(monkeypatch):
    code = (
        "from jaksim.analysis.survival.weighted_scores import weight_of_day; from jaksim.kernel.jit import kernel; "
        "twice = kernel(lambda x: 2 * x); print(twice(4), weight_of_day.compiled is weight_of_day.py_func)"
    )
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["8", "True"]


def test_a_thread_may_call_kernels_as_they_are_written():
    seen = []

    @inner
    def noted(x):
        seen.append(x)  # which Numba could not compile
        return 2 * x

    @kernel
    def odd(x):
        return noted(x) + 1

    elsewhere = []
    with interpreted():
        assert odd(20) == 41
        thread = threading.Thread(target=lambda: elsewhere.append(deferred._THREAD.interpreted))
        thread.start()
        thread.join()
    assert seen == [20]
    assert elsewhere == [False]
    assert "_compiled" not in odd.__dict__
    assert not deferred._THREAD.interpreted

import gc
import sys

import numpy as np
import pytest

from jaksim.kernel import compiled, jit
from jaksim.kernel.jit import inner, kernel, merged


@inner
def root_of(x):
    if x < 0.0:
        raise ValueError("negative", x)
    return np.sqrt(x)


@merged
def add_roots(values, out):
    for i in range(values.shape[0]):
        out[i] += root_of(values[i])


@kernel
def roots(values):
    out = np.zeros(values.shape[0])
    add_roots(values, out)
    return out


@pytest.fixture(scope="module")
def computed():
    """What the kernel gives, compiled here whatever an earlier run has kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jaksim.kernel.compiled.disk_cache.DiskCache.load_overload", lambda *_: None)
        return roots(np.array([4.0, 9.0]))


def test_a_kernel_is_compiled_with_its_parts(computed):
    assert list(computed) == [2.0, 3.0]


def test_parts_have_no_machine_code_of_their_own(computed):
    (part,) = root_of.overloads.values()
    with pytest.raises(RuntimeError, match="no compiled object"):
        part.library._get_compiled_object()
    (whole,) = roots.overloads.values()
    assert len(whole.library._get_compiled_object()) > 0


def test_a_part_can_raise_with_values_of_the_moment(computed):
    with pytest.raises(ValueError, match="negative") as caught:
        roots(np.array([1.0, -2.5]))
    assert caught.value.args == ("negative", -2.5)


def test_the_search_for_garbage_goes_on_after_compiling(computed):
    assert gc.isenabled()


def test_where_numba_has_changed_inside_kernels_are_compiled_in_its_own_way(monkeypatch, caplog):
    monkeypatch.delattr(compiled, "pipeline")
    monkeypatch.setitem(sys.modules, "jaksim.kernel.compiled.pipeline", None)
    monkeypatch.setattr(jit, "_cheaply", jit._cheaply.__wrapped__)
    caplog.set_level("DEBUG", "jaksim")

    @inner
    def half(x):
        return 0.5 * x

    @kernel
    def quarter(x):
        return half(half(x))

    assert quarter(8.0) == 2.0
    assert caplog.messages[0].startswith("jaksim: kernels are compiled in Numba's own way, which takes longer: ")

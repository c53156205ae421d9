import importlib.util

import pytest

from jaksim.kernel import jit

SOURCE = """
from jaksim.kernel.jit import kernel

@kernel
def twice(x):
    return 2 * x
"""


@pytest.fixture
def load(tmp_path):
    path = tmp_path / "twice.py"
    path.write_text(SOURCE)

    def call_anew():
        """Import the module as a new process would, call its kernel, and say whether it was found on disk."""
        spec = importlib.util.spec_from_file_location("twice", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.twice(21) == 42
        return bool(module.twice.stats.cache_hits)

    return call_anew


def test_kernels_are_kept_on_disk_until_any_kernel_source_changes(load, monkeypatch):
    assert not load()
    assert load()
    monkeypatch.setattr(jit, "fingerprint", lambda folder: "other sources")
    assert not load()
    assert load()


def test_a_kernel_outside_the_kernels_folder_is_compiled_anew_when_a_file_beside_it_changes(load, tmp_path):
    jit.fingerprint.cache_clear()
    assert not load()
    assert load()
    (tmp_path / "called.py").write_text("LIMIT = 2")
    jit.fingerprint.cache_clear()
    assert not load()
    assert load()


@pytest.mark.parametrize("changed", ["kernels", "beside"])
def test_the_fingerprint_covers_the_sources(tmp_path, monkeypatch, changed):
    for folder in ("kernels", "beside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("one")
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "kernels" / "jit.py"))

    def fingerprint():
        return jit.fingerprint.__wrapped__(tmp_path / "beside")

    before = fingerprint()
    (tmp_path / changed / "a.py").write_text("two")
    assert fingerprint() != before
    (tmp_path / changed / "a.py").write_text("one")
    assert fingerprint() == before

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
    monkeypatch.setattr(jit, "fingerprint", lambda: "other sources")
    assert not load()
    assert load()


def test_the_fingerprint_covers_the_sources(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("one")
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    before = jit.fingerprint.__wrapped__()
    (tmp_path / "a.py").write_text("two")
    assert jit.fingerprint.__wrapped__() != before
    (tmp_path / "a.py").write_text("one")
    assert jit.fingerprint.__wrapped__() == before

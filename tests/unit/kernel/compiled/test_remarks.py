"""With a Numba whose inner workings are others kernels are compiled in every process, and that is said once."""

import sys

import pytest

from jaksim.kernel.compiled import disk_cache, remarks
from jaksim.kernel.jit import kernel


def gone(*_):
    raise AttributeError("it has gone")


@pytest.mark.parametrize("change", ["a module is elsewhere", "a form is kept otherwise", "the processor is not named"])
def test_an_unknown_numba_compiles_without_keeping(monkeypatch, caplog, tmp_path, change):
    monkeypatch.setattr(remarks, "said", set())
    monkeypatch.setattr(disk_cache.config, "CACHE_DIR", str(tmp_path))
    if change == "a module is elsewhere":
        monkeypatch.setitem(sys.modules, "jaksim.kernel.compiled.disk_cache", None)
    elif change == "a form is kept otherwise":
        monkeypatch.setattr(disk_cache.CompileResult, "_reduce", gone)
    else:
        monkeypatch.setattr(disk_cache.DiskCache, "_form", gone)

    @kernel
    def twice(x):
        return 2 * x

    @kernel
    def thrice(x):
        return 3 * x

    assert (twice(3.0), thrice(3.0)) == (6.0, 9.0)
    assert list(tmp_path.rglob("*.nbc")) == []
    assert [record.levelname for record in caplog.records if record.name == "jaksim"] == ["WARNING"]
    assert "cannot be kept with this version of Numba" in caplog.text


def test_a_numba_whose_machine_code_is_made_otherwise_keeps_what_it_can(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(remarks, "said", set())
    monkeypatch.setattr(disk_cache.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("jaksim.kernel.compiled.entry.entry_of", gone)
    monkeypatch.setattr("jaksim.kernel.jit._of_the_package", lambda function: True)
    monkeypatch.setattr("jaksim.kernel.jit.stamp", lambda function: "sources")

    @kernel
    def twice(x):
        return 2 * x

    with caplog.at_level("DEBUG", "jaksim"):
        assert twice(3.0) == 6.0
    assert len(list(tmp_path.rglob("*.nbc"))) == 1
    assert list(tmp_path.rglob("*.native")) == []
    assert caplog.text.count("twice cannot be kept as machine code: it has gone") == 1

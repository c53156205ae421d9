import logging
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from jaksim.kernel import philox
from jaksim.kernel.compiled import native as module
from jaksim.kernel.compiled import remarks
from jaksim.kernel.compiled.native import SUFFIX, Entry, Native, Unusable, loaded
from jaksim.kernel.compiled.places import carried_mark
from jaksim.kernel.compiled.private_files import write_private
from jaksim.kernel.deferred import Deferred
from jaksim.kernel.jit import kernel


def words(call):
    found = np.zeros((3, 4), np.uint32)
    answer = call(np.arange(12, dtype=np.uint32).reshape(3, 4), np.uint64(3), np.uint64(4), found)
    return answer, found.tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the form of one kernel is kept."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def wanted(folder):
    """What the kernel answers where it is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jaksim.kernel.compiled.disk_cache.config.CACHE_DIR", str(folder))
        again = kernel(philox.fill_words.py_func)
        again._native = None
        answer = words(again)
    assert len(list(folder.rglob(f"*{SUFFIX}"))) == 1
    return answer


@pytest.fixture
def native(wanted, folder, monkeypatch):
    """The kernel as a new process finds it on disk, which may be set to be refused."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    monkeypatch.setattr(remarks, "said", set())
    found = philox.fill_words._native
    return Native(found.function, found.stamp)


def test_it_answers_as_where_it_was_compiled(native, wanted):
    assert words(native) == wanted
    assert words(native) == wanted
    assert len(native.forms) == 1


def test_it_is_not_for_other_arguments(native):
    assert native(1, 2) is NotImplemented
    assert native() is NotImplemented


def test_nothing_is_found_for_other_sources_or_another_numba(native, monkeypatch):
    assert words(Native(native.function, lambda: "other"))[0] is NotImplemented
    assert words(Native(native.function, lambda: None))[0] is NotImplemented
    monkeypatch.setattr(module, "numba_version", lambda: "0.1")
    assert words(native)[0] is NotImplemented


def test_nothing_is_used_on_another_processor(native, monkeypatch):
    monkeypatch.setattr(module, "this_processor", lambda: module.Processor("other", ()))
    assert words(native)[0] is NotImplemented


@pytest.mark.parametrize("damage", ["truncated", "empty", "one bit", "writable by all", "a link"])
def test_a_file_that_is_not_as_it_was_written_is_not_loaded(native, folder, caplog, tmp_path, damage):
    (file,) = folder.rglob(f"*{SUFFIX}")
    content = file.read_bytes()
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    file.unlink()
    if damage == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        file.symlink_to(tmp_path / "elsewhere")
    else:
        file.write_bytes({"truncated": content[:100], "empty": b"", "one bit": changed}.get(damage, content))
        file.chmod(0o666 if damage == "writable by all" else 0o644)
    try:
        with caplog.at_level(logging.DEBUG, "jaksim"):
            assert words(native)[0] is NotImplemented
            assert words(native)[0] is NotImplemented
    finally:
        file.unlink()
        file.write_bytes(content)
        file.chmod(0o644)
    assert [record.getMessage().split(" cannot be used")[0] for record in caplog.records] == [
        "jaksim: Numba is started, since the machine code of fill_words"
    ]


def test_what_the_process_lacks_is_noticed_before_it_is_needed(native, folder):
    (file,) = folder.rglob(f"*{SUFFIX}")
    entry = Entry.from_bytes(module.read_checked(file.parent, file.name))
    assert words(loaded(entry, "fill_words"))[0] is None
    assert Entry.from_bytes(entry.to_bytes()) == entry
    with pytest.raises(Unusable, match="no such_symbol"):
        loaded(entry._replace(symbols=(*entry.symbols, "such_symbol")), "fill_words")


def test_what_an_installation_carries_is_used_where_the_processor_is_of_its_kind(native, folder, monkeypatch, tmp_path):
    (file,) = folder.rglob(f"*{SUFFIX}")
    name = f"philox.fill_words.{carried_mark(native.stamp())}.form{SUFFIX}"
    write_private(tmp_path / "better", name, b"damaged")
    write_private(tmp_path / "good", name, file.read_bytes())
    monkeypatch.setattr(module, "CARRIED", tmp_path)
    monkeypatch.setattr(module, "numba_version", lambda: None)
    for levels, found in ((("other",), NotImplemented), (("good",), None), (("good", "better"), None)):
        monkeypatch.setattr(module, "this_processor", lambda levels=levels: module.Processor("other", levels))
        assert words(Native(native.function, native.stamp))[0] is found
    assert words(Native(native.function, lambda: "other"))[0] is NotImplemented


def test_an_exception_of_a_kernel_is_raised_as_it_is(monkeypatch):
    native = Native(words, lambda: None)
    native.files = ((None, "form"),)
    native.forms = {"form": lambda *_: [pickle.dumps((ZeroDivisionError, ("by nothing",), None))]}
    with pytest.raises(ZeroDivisionError, match="by nothing"):
        Deferred(words, lambda: None, native)(1)
    native.forms = {"form": lambda *_: [pickle.dumps((ValueError, (object, 4), None))]}
    with pytest.raises(ValueError, match="raised by words"):
        native(1)
    native.forms = {"form": lambda *_: [b""]}
    with pytest.raises(SystemError):
        native(1)


def test_numba_takes_over_where_no_form_is_for_the_arguments():
    one = Deferred(words, lambda: lambda *given: ("numba", given), lambda *given: NotImplemented)
    assert one(1, 2) == ("numba", (1, 2))
    other = Deferred(words, lambda: lambda *given, **named: ("numba", given, named), lambda *given: ("native", given))
    assert other(1) == ("native", (1,))
    assert other(1, x=2) == ("numba", (1,), {"x": 2})
    assert other(1) == ("numba", (1,), {})


def test_a_process_that_finds_all_its_kernels_does_not_import_numba(wanted, folder):
    code = (
        "import sys, logging; logging.basicConfig(level=logging.DEBUG); import numpy as np; "
        "from jaksim.kernel.philox import fill_words; found = np.zeros((3, 4), np.uint32); "
        "fill_words(np.arange(12, dtype=np.uint32).reshape(3, 4), np.uint64(3), np.uint64(4), found); "
        "print(found.tolist(), 'numba' in sys.modules)"
    )
    answer = wanted[1]
    for setting, numba in ({}, False), ({"NUMBA_BOUNDSCHECK": "1"}, True):
        environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)} | setting
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        assert run.stdout.strip() == f"{answer} {numba}"

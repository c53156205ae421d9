import importlib.util

import pytest

from jaksim.kernel import jit
from jaksim.kernel.compiled import disk_cache

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


def kept(folder):
    return sorted(path for path in folder.rglob("twice.twice.*.nbc") if path.is_file())


def test_kernels_are_kept_on_disk_until_any_kernel_source_changes(load, monkeypatch):
    assert not load()
    assert load()
    monkeypatch.setattr(jit, "fingerprint", lambda folder: "other sources")
    assert not load()
    assert load()


def test_a_kernel_outside_the_kernels_folder_is_compiled_anew_when_a_file_beside_it_changes(load, tmp_path):
    assert not load()
    assert load()
    (tmp_path / "called.py").write_text("LIMIT = 2")
    assert not load()
    assert load()


@pytest.mark.parametrize("damage", ["truncated", "empty", "one bit", "another kernel's"])
def test_a_damaged_file_is_compiled_again(load, tmp_path, damage):
    assert not load()
    (file,) = kept(tmp_path)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    found = {"truncated": content[:100], "empty": b"", "one bit": content, "another kernel's": b"\x80" * 99}
    file.write_bytes(found[damage])
    assert not load()
    assert load()


def test_files_of_other_sources_and_of_killed_processes_are_removed(load, monkeypatch, tmp_path):
    load()
    (before,) = kept(tmp_path)
    before.with_name(f".{before.name}.abc").touch()
    monkeypatch.setattr(jit, "fingerprint", lambda folder: "other sources")
    load()
    (after,) = kept(tmp_path)
    assert after.name != before.name
    assert list(after.parent.glob(".*")) == []


def test_a_read_only_installation_keeps_kernels_in_the_users_cache(load, monkeypatch, caplog, tmp_path):
    (tmp_path / "__pycache__").touch()  # no directory can be made there
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert not load()
    assert load()
    assert [path.name for path in tmp_path.glob("cache/jaksim/*/*")] == [kept(tmp_path)[0].name]
    assert caplog.text == ""


def test_where_nothing_can_be_written_kernels_are_compiled_in_memory_with_one_note(load, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(disk_cache, "NOTED", [])
    (tmp_path / "__pycache__").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "__pycache__"))
    assert not load()
    assert not load()
    assert caplog.text.count("cannot be kept") == 1


def test_numbas_own_setting_names_the_directory(load, monkeypatch, tmp_path):
    monkeypatch.setattr(disk_cache.config, "CACHE_DIR", str(tmp_path / "given"))
    assert not load()
    assert load()
    assert len(list(tmp_path.glob("given/*/*.nbc"))) == 1


FACTORY = """
from jaksim.kernel.jit import kernel

def times(factor):
    @kernel
    def product(x):
        return factor * x
    return product
"""


def test_kernels_of_one_function_with_other_values_do_not_share_a_compiled_form(tmp_path):
    path = tmp_path / "factory.py"
    path.write_text(FACTORY)

    def products():
        names = {}
        exec(compile(path.read_text(), str(path), "exec"), names)
        return [names["times"](factor) for factor in (2.0, 3.0)]

    for _ in range(2):
        twice, thrice = products()
        assert (twice(7.0), thrice(7.0)) == (14.0, 21.0)
    path.write_text(FACTORY.replace("factor * x", "factor + x"))  # while the process runs
    twice, thrice = products()
    assert (twice(7.0), thrice(7.0)) == (9.0, 10.0)


def test_a_kernel_that_was_typed_in_is_compiled_without_a_file():
    names = {}
    exec(compile(FACTORY, "<input 3>", "exec"), names)
    assert names["times"](4.0)(5.0) == 20.0


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose module `a` imports `b`, which imports a constant of `c`; nobody imports `d`."""
    root = tmp_path / "jaksim"
    root.mkdir()
    sources = {
        "a": "from jaksim.b import twice",
        "b": "from jaksim import c",
        "c": "LIMIT = 2",
        "d": "from jaksim.a import twice",
    }
    for name, source in sources.items():
        (root / f"{name}.py").write_text(source)
    monkeypatch.setattr(jit, "PACKAGE", root)
    return root


@pytest.mark.parametrize(("changed", "counts"), [("a", True), ("b", True), ("c", True), ("d", False)])
def test_the_fingerprint_covers_all_that_a_kernel_can_contain(package, changed, counts):
    def fingerprint():
        for known in (jit._of_package, jit._imports, jit._path):
            known.cache_clear()
        return jit.fingerprint(package / "a.py")

    before = fingerprint()
    with (package / f"{changed}.py").open("a") as file:
        file.write("\n# changed")
    assert (fingerprint() != before) == counts


def test_kernels_of_the_package_whose_source_was_written_since_are_not_kept(package, monkeypatch):
    """The function is then that of before, or may be; nobody must take it for the compiled form of the new source."""
    for known in (jit._of_package, jit._imports, jit._path, jit._last_written):
        known.cache_clear()
    names = {}
    exec(compile("def f(x):\n    return x", str(package / "a.py"), "exec"), names)
    assert jit.stamp(names["f"]) is None
    jit._last_written.cache_clear()
    monkeypatch.setattr(jit, "BEGUN", jit.BEGUN + 1e9)
    assert jit.stamp(names["f"]) == jit.fingerprint(package / "a.py")


def test_the_fingerprint_of_a_file_outside_the_package_covers_the_files_beside_it(package, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "weight.py").write_text("import other\nfrom jaksim.b import twice")
    (own / "other.py").write_text("")

    def fingerprint():
        for known in (jit._of_package, jit._imports, jit._path):
            known.cache_clear()
        return jit.fingerprint(own / "weight.py")

    seen = [fingerprint()]
    (own / "other.py").write_text("LIMIT = 3")
    seen.append(fingerprint())
    (package / "c.py").write_text("LIMIT = 3")
    seen.append(fingerprint())
    assert len(set(seen)) == 3

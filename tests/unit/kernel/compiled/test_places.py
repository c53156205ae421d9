import numba
import pytest

from jaksim.kernel.compiled import places


def test_a_user_without_a_home_gets_no_directory_named_after_it(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert places.folders(tmp_path / "a.py", "") == [tmp_path / "__pycache__"]


def test_the_version_that_is_read_is_that_of_the_numba_that_is_imported():
    assert places.numba_version() == numba.__version__


@pytest.mark.parametrize(
    ("name", "otherwise"),
    [
        ("NUMBA_DISABLE_JIT", True),
        ("NUMBA_BOUNDSCHECK", True),
        ("NUMBA_CACHE_DIR", False),
        ("NUMBA_NUM_THREADS", False),
    ],
)
def test_settings_that_alter_what_a_kernel_does_are_noticed(monkeypatch, name, otherwise):
    assert not places.numba_is_set_otherwise()
    monkeypatch.setenv(name, "1")
    assert places.numba_is_set_otherwise() == otherwise


def test_a_file_of_numbas_settings_is_noticed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert not places.numba_is_set_otherwise()
    (tmp_path / ".numba_config.yaml").write_text("boundscheck: 1")
    assert places.numba_is_set_otherwise()

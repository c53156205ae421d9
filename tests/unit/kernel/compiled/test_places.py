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


@pytest.mark.parametrize(
    ("machine", "features", "kinds"),
    [
        ("x86_64", "sse4.2", []),
        ("x86_64", "avx avx2 bmi bmi2 cx16 f16c fma lzcnt movbe popcnt sse4.2 xsave sha", ["x86-64-v3"]),
        ("aarch64", "neon", ["generic"]),
        ("riscv64", "v", []),
    ],
)
def test_a_processor_runs_the_code_of_those_kinds_whose_features_it_has(monkeypatch, machine, features, kinds):
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("sys.platform", "linux")
    assert places.levels(features.split()) == [f"linux-{machine}-{kind}" for kind in kinds]
    everything = set().union(*places.LEVELS["x86_64"].values())
    if machine == "x86_64":
        assert [name.rsplit("-", 1)[1] for name in places.levels(everything)] == ["v4", "v3"]

import subprocess
import sys

import pytest
import typer

import jaksim as package
from jaksim import cli
from jaksim.cli.commands import COMMANDS
from jaksim.errors import InputError, JaksimError

HEAVY = {"numpy", "scipy", "numba", "pandas", "pyarrow", "rich", "matplotlib"}


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_help_lists_the_commands(jaksim):
    outcome = jaksim("--help")
    assert outcome.code == 0
    assert outcome.err == ""
    assert all(name in outcome.out and summary.split()[0] in outcome.out for name, (_, summary) in COMMANDS.items())


def test_without_arguments_the_help_is_shown(jaksim):
    assert jaksim().out == jaksim("--help").out


def test_version(jaksim):
    assert jaksim("--version").out == f"jaksim {package.__version__}\n"


def test_help_and_import_load_no_heavy_package():
    listed = f"import sys; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert _python(f"import jaksim; {listed}") == "[]\n"
    shown = _python(f"from jaksim.cli import run; run(['--help']); {listed}")
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(jaksim, name):
    outcome = jaksim(name, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: jaksim {name}")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["evidense"], "did you mean 'evidence'?"),
        (["powr", "x.toml"], "did you mean 'power'?"),
        (["xyz"], "allowed: plan, power"),
        (["--verson"], "did you mean '--version'?"),
        (["evidence", "lst"], "Did you mean 'list'?"),
        (["evidence", "list", "--jsn"], "did you mean '--json'?"),
        (["evidence"], "Missing command"),
        (["evidence", "show"], "Missing argument 'STUDY'"),
        (["evidence", "list", "extra"], "unexpected extra argument"),
    ],
)
def test_a_slip_in_the_command_line_gets_the_nearest_spelling(refused, words, hint):
    message = refused(*words)
    assert hint in message
    assert len(message.splitlines()) == 1


@pytest.fixture
def failing(monkeypatch):
    """Make `jaksim evidence list` raise an error."""

    def install(error: BaseException) -> None:
        app = typer.Typer(add_completion=False)

        @app.command()
        def fail() -> None:
            raise error

        monkeypatch.setattr("jaksim.cli.evidence.app", app)

    return install


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("too many", where="key n", got=9), 2, "jaksim: key n: too many (got 9)"),
        (FileNotFoundError(2, "No such file or directory", "a.toml"), 2, "jaksim: a.toml: No such file or directory"),
        (IsADirectoryError(21, "Is a directory", "b"), 2, "jaksim: b: Is a directory"),
        (PermissionError(13, "Permission denied", "c.csv"), 2, "jaksim: c.csv: Permission denied"),
        (ZeroDivisionError("division by zero"), 1, "internal fault: ZeroDivisionError: division by zero"),
        (JaksimError("rows do not sum to 1"), 1, "internal fault: rows do not sum to 1"),
        (OSError("no filename"), 1, "internal fault"),
        (KeyboardInterrupt(), 130, "jaksim: interrupted"),
        (typer.Abort(), 130, ""),
    ],
)
def test_each_kind_of_error_has_its_exit_code_and_one_message(jaksim, failing, error, code, words):
    failing(error)
    outcome = jaksim("evidence")
    assert outcome.code == code
    assert outcome.out == ""
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_an_internal_fault_shows_where_on_request(jaksim, failing, monkeypatch):
    monkeypatch.setenv("JAKSIM_DEBUG", "1")
    failing(ZeroDivisionError("division by zero"))
    outcome = jaksim("evidence")
    assert outcome.code == 1
    assert "Traceback" in outcome.err


def test_a_module_that_is_not_there_is_not_listed(jaksim, monkeypatch):
    monkeypatch.setitem(COMMANDS, "fly", ("jaksim.cli.fly", "Fly."))
    assert "fly" not in jaksim("--help").out
    assert jaksim("fly").code == 2


def test_a_reader_that_closes_early_is_no_fault():
    command = f"{sys.executable} -m jaksim evidence show actt-1 --json | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_process_ends_with_the_exit_code(monkeypatch):
    assert subprocess.run([sys.executable, "-m", "jaksim", "xyz"], capture_output=True, check=False).returncode == 2
    monkeypatch.setattr(sys, "argv", ["jaksim", "xyz"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2

"""What is written where: any terminal, full disks, readers that have gone."""

import io
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import typer

from jaksim.cli.output import write_json, write_text

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
CONTROL = "\x1b]0;OWN\x07\x1b[2J\x9b31m\r\u202e"
OBEYED = set("\x1b\x07\x9b\r\u202e")
ESCAPED = r"\x1b]0;OWN\x07\x1b[2J\x9b31m\r\u202e"


def shell(command, **options):
    line = command.replace("jaksim", f"{sys.executable} -m jaksim")
    return subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, check=False, **options)


@pytest.mark.parametrize("words", ["--help", "power --help", "keys --json"])
def test_a_reader_that_has_gone_is_no_fault(words):
    done = shell(f"jaksim {words} | true")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", ["--version", "--help", "power --help", "keys", "keys --json"])
def test_a_full_disk_behind_standard_output_is_one_message(words):
    done = shell(f"jaksim {words} > /dev/full")
    assert done.returncode == 2
    assert done.stderr == b"jaksim: standard output: cannot be written: No space left on device\n"


def test_a_closed_standard_output_is_one_message():
    done = shell("jaksim keys >&-")
    assert (done.returncode, done.stderr) == (2, b"jaksim: standard output: is closed\n")


def test_with_standard_error_closed_notes_do_not_go_among_the_results():
    done = shell("jaksim xyz 2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_closed_standard_error_hides_progress_only(jaksim, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert jaksim("power", SMALL, "--replicates", 20, "--json").json["replicates"] == 20


@pytest.mark.parametrize(("encoding", "line"), [("ascii", "--- 5 % +- 1"), ("utf-8", "─── 5\u00a0% ± 1")])
def test_tables_stay_tables_in_an_encoding_without_their_lines(monkeypatch, encoding, line):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, errors="backslashreplace"))
    write_text("─── 5\u00a0% ± 1")
    assert out.getvalue().decode(encoding) == f"{line}\n"


@pytest.fixture
def said(monkeypatch):
    """A command that writes JSON, with letters that few encodings have."""

    def install(work):
        app = typer.Typer(add_completion=False)
        app.command()(work)
        monkeypatch.setattr("jaksim.cli.evidence.app", app)

    return install


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_json_is_valid_in_any_encoding(monkeypatch, encoding):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
    write_json({"nÄme": "ü 中文 \x1b \x9b \u202e 🙂"})
    text = out.getvalue().decode(encoding)
    assert json.loads(text) == {"nÄme": "ü 中文 \x1b \x9b \u202e 🙂"}
    assert not OBEYED & set(text)
    assert ("中文" in text) == (encoding == "utf-8")


def test_warnings_of_libraries_do_not_reach_a_user(jaksim, said):
    def work() -> None:
        np.log(np.zeros(2))
        warnings.warn("old", FutureWarning, stacklevel=1)

    said(work)
    outcome = jaksim("evidence")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def name_of(name):
    """A name that commands the terminal and begins a line of its own."""
    return f"{name}{CONTROL}\nPOWER 99 %[bold]"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A scenario with such names."""
    text = SMALL.read_text()
    for name in ("drug", "mixed", "death", "log-rank", "A small trial"):
        text = text.replace(f'"{name}"', json.dumps(name_of(name)))
    text = text.replace("[disease.treatments.drug]", f"[disease.treatments.{json.dumps(name_of('drug'))}]")
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "four.toml").write_text(SMALL.with_name("four.toml").read_text())
    (folder / "s.toml").write_text(text)
    return folder / "s.toml"


@pytest.mark.parametrize(
    "words",
    [
        ("power", "--replicates", 50),
        ("power", "--endpoints", "all", "--replicates", 50),
        ("predict",),
    ],
)
def test_control_characters_in_names_are_shown_and_not_obeyed(jaksim, hostile, words):
    shown = jaksim(words[0], *words[1:], hostile)
    assert shown.code == 0, shown.err
    assert ESCAPED in shown.out.replace("\n", "")
    assert not OBEYED & set(shown.out + shown.err)
    assert not any(line.startswith("POWER 99") for line in shown.out.splitlines())
    found = jaksim(words[0], *words[1:], hostile, "--json")
    assert not OBEYED & set(found.out)
    assert found.json["title"].startswith("A small trial" + CONTROL.replace("\r", r"\r"))


def test_control_characters_in_a_message_are_shown_and_not_obeyed(refused, tmp_path):
    message = refused("power", SMALL, "--set", f"arm.{CONTROL}\n.name=x")
    assert ESCAPED in message
    assert len(message.splitlines()) == 1
    assert not OBEYED & set(refused(f"x{CONTROL}\n"))
    assert not OBEYED & set(refused("power", tmp_path / f"x{CONTROL}\n.toml"))


def test_names_in_data_are_shown_and_not_obeyed(jaksim, tmp_path):
    arm = f"x{CONTROL}\nPOWER 99 %"
    rows = [f'"{arm}",{time},{time % 2}\nplacebo,{time},1' for time in range(1, 9)]
    (tmp_path / "data.csv").write_text("\n".join(["arm,time,status", *rows]) + "\n", newline="\n")
    shown = jaksim("analyze", tmp_path / "data.csv", "--method", "log_rank")
    assert shown.code == 0, shown.err
    assert rf"x{ESCAPED}\nPOWER" in shown.out
    assert not OBEYED & set(shown.out + shown.err)
    assert not any(line.strip().startswith("POWER") for line in shown.out.splitlines())

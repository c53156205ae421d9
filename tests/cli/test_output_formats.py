"""The options --format, --report and --table: what goes to standard output, what to a file, what is refused first."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from jaksim.cli.commands import COMMANDS
from jaksim.cli.output.formats import with_formats
from jaksim.report.formats.formats import FORMATS
from jaksim.report.of import parts_of
from jaksim.verbs.boundaries import boundaries
from tests.documents import CHECKS, check

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
ASKED = ("boundaries", "--looks", 3, "--futility", "hsd:-2")


@pytest.fixture(scope="module")
def blocks():
    return list(parts_of(boundaries(looks=3, futility="hsd:-2")))


def leaves(command, context):
    """The commands in a group, those of nested groups too."""
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if hasattr(inner, "list_commands"):
            yield from leaves(inner, typer.Context(inner, parent=context))
        else:
            yield name, inner


def test_every_command_has_the_options():
    group = typer.main.get_command(importlib.import_module("jaksim.cli").app)
    found = dict(leaves(group, typer.Context(group)))
    assert len(found) > len(COMMANDS)
    for name, command in found.items():
        options = [parameter.name for parameter in command.params]
        assert {"json", "format", "report", "table"} <= set(options), name
        assert len(options) == len(set(options)), name


def test_a_command_without_json_is_left_alone():
    app = typer.Typer()
    app.command()(lambda: None)
    command = typer.main.get_command(app)
    before = list(command.params)
    assert with_formats(command).params == before


@pytest.mark.parametrize("format", [name for name, one in FORMATS.items() if not one.binary])
def test_standard_output_has_the_format_asked_for(jaksim, blocks, format):
    outcome = jaksim(*ASKED, "--format", format)
    assert (outcome.code, outcome.err) == (0, "")
    check(format, outcome.out, blocks)


def test_json_is_one_of_the_formats(jaksim):
    assert jaksim(*ASKED, "--format", "json").json == jaksim(*ASKED, "--json").json


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_has_the_format_of_its_ending_beside_the_usual_output(jaksim, blocks, tmp_path, format):
    for ending in FORMATS[format].endings:
        file = tmp_path / f"report{ending}"
        outcome = jaksim(*ASKED, "--report", file)
        assert outcome.out == jaksim(*ASKED).out
        assert outcome.err == f"wrote {file}\n"
        written = file.read_bytes()
        check(format, written if FORMATS[format].binary else written.decode("utf-8"), blocks)


def test_numbers_and_report_of_one_answer(jaksim, tmp_path):
    file = tmp_path / "report.json"
    outcome = jaksim("power", SMALL, "--replicates", 20, "--report", file)
    asked = jaksim("power", SMALL, "--replicates", 20, "--json", "--report", tmp_path / "report.html").json
    written = json.loads(file.read_text("utf-8"))
    assert "POWER" in outcome.out
    assert {**written, "elapsed_seconds": 0} == {**asked, "elapsed_seconds": 0}
    assert "<h2>Power</h2>" in (tmp_path / "report.html").read_text("utf-8")


def test_two_answers_of_one_command_are_one_document(jaksim, tmp_path):
    file = tmp_path / "report.md"
    outcome = jaksim("power", "actt2", "--replicates", 20, "--assurance", "--draws", 20, "--report", file, "--json")
    assert "assurance" in outcome.json
    headings = [line for line in file.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert {"## Power", "## Assurance"} <= set(headings)


def test_a_word_document_goes_through_a_pipe_and_into_a_file(blocks, tmp_path):
    words = [sys.executable, "-m", "jaksim", *map(str, ASKED), "--format", "docx"]
    done = subprocess.run(words, capture_output=True, check=True)
    check("docx", done.stdout, blocks)
    file = tmp_path / "report.docx"
    beside = subprocess.run([*words, "--report", str(file)], capture_output=True, check=True)
    assert file.read_bytes() == done.stdout
    assert beside.stdout.startswith(b"BOUNDARIES") or b"\x00" not in beside.stdout


def test_a_word_document_is_not_shown_on_a_terminal(refused, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "--report FILE.docx" in refused(*ASKED, "--format", "docx")


def test_one_table_of_a_report_by_its_heading(jaksim):
    whole = jaksim(*ASKED, "--format", "csv").out
    name, _, rows = whole.split("\n\n")[1].partition("\n")
    alone = jaksim(*ASKED, "--format", "csv", "--table", name.lower()).out
    assert alone.strip() == rows.strip()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--format", "htm"],
            "--format: unknown format (got 'htm'); allowed: text, json, markdown, html, csv, latex, docx",
        ),
        (["--json", "--format", "csv"], "--format: --json is --format json"),
        (["--report", "report.pdf"], "--report: a report cannot have this ending (got '.pdf'); allowed: .txt, .md"),
        (["--report", "report"], "a report cannot have this ending (got 'report')"),
        (["--report", "nowhere/report.md"], "nowhere/report.md: cannot be written: there is no such directory"),
        (["--report", "there.md"], "there.md: cannot be written: this is a directory"),
        (["--plot", "a.svg", "--report", "a.svg"], "--report: a report cannot have this ending"),
        (["--table", "Power"], "--table: one table is written as CSV only"),
        (["--format", "csv", "--table", "Bound"], "--table: the report has no such table (got 'Bound')"),
    ],
)
def test_what_cannot_be_done_is_refused(refused, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    Path("there.md").mkdir()
    assert message in refused(*ASKED, *words)
    assert [file.name for file in tmp_path.iterdir()] == ["there.md"]


def test_a_file_of_the_same_command_is_not_written_over(refused, tmp_path):
    file = tmp_path / "patients.csv"
    assert "is the file of --out too" in refused("simulate", SMALL, "--out", file, "--report", file)
    assert not file.exists()


def test_a_refused_command_writes_no_report(refused, tmp_path):
    file = tmp_path / "report.html"
    refused("power", SMALL, "--replicates", 0, "--report", file)
    assert not file.exists()


def test_a_failed_verification_is_reported_all_the_same(jaksim, tmp_path, monkeypatch):
    from jaksim.verbs import verify

    real = verify.verify

    def failing(*names, **more):
        found = real(*names, **more)
        monkeypatch.setattr(type(found), "failed", True)
        return found

    monkeypatch.setattr(verify, "verify", failing)
    file = tmp_path / "report.md"
    outcome = jaksim("verify", "logrank_sample_size", "--report", file)
    assert outcome.code == 1
    assert file.read_text("utf-8").startswith("# ")


def test_every_format_has_a_reader_here():
    assert CHECKS.keys() == FORMATS.keys()

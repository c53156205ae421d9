"""The reference pages, which are written whenever the documentation is built, have every command, option and key."""

import importlib.util
from pathlib import Path

import pytest

from jaksim.cli.commands import COMMANDS
from jaksim.plan.kinds import KINDS
from jaksim.verbs.describing.files import FILES, keys_of_file

SOURCE = Path(__file__).parents[2] / "docs" / "reference_pages.py"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("reference_pages", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("reference")
    module.write(folder)
    return {path.stem: path.read_text("utf-8") for path in folder.iterdir()}


def test_every_command_has_its_section(pages):
    headings = [line for line in pages["commands"].splitlines() if line.startswith("#")]
    assert {f"## jaksim {name}" for name in COMMANDS} <= set(headings)
    assert {f"### jaksim plan {kind}" for kind in KINDS} <= set(headings)
    assert "### jaksim evidence check" in headings
    for option in ("--until-se", "--odds-ratio", "--format", "--schema", "--futility"):
        assert f"`{option}" in pages["commands"]


@pytest.mark.parametrize("file", FILES)
def test_every_key_stands_in_its_table(pages, file):
    rows = [line for line in pages[f"keys_{file}"].splitlines() if line.startswith("| `")]
    assert len(rows) == sum(bool(key.holds) for key in keys_of_file(file))

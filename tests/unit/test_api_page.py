"""The page of the Python interface has every exported name, with an example that is executed."""

import re
from pathlib import Path

import pytest

import jaksim

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
SECTIONS = {
    heading.replace("\\", ""): text
    for heading, text in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
}


def test_every_exported_name_has_its_place():
    assert set(jaksim.__all__) - SECTIONS.keys() == set()


@pytest.mark.parametrize("name", jaksim.__all__)
def test_every_name_has_an_example(name):
    examples = "\n".join(line for line in SECTIONS[name].splitlines() if line.startswith(">>> "))
    assert re.search(rf"(jaksim\.|import ){name}\b", examples)

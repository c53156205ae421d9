"""How names that are longer than a column are broken."""

import pytest

from jaksim.report.formats.text import as_text
from jaksim.report.parts.layout import columns


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [
        ("recovery-dexamethasone", 60, ["recovery-", "dexamethasone"]),
        ("new_ventilation.dexamethasone", 60, ["new_", "ventilation.", "dexamethasone"]),
        ("recovery-dexamethasone", 100, ["recovery-dexamethasone"]),
        ("two words", 60, ["two words"]),
    ],
)
def test_a_long_name_is_broken_behind_its_marks(name, width, lines):
    numbers = "1" * (width - 19) if width == 60 else "1"
    text = as_text([columns(["Trial", "n"], [(name, numbers)], right=(1,))], width)
    shown = [line.replace("1", "").strip() for line in text.splitlines()[2:]]
    assert [line for line in shown if line] == lines


def test_a_name_without_marks_is_folded():
    text = as_text([columns(["Trial", "n"], [("a" * 20, "1" * 41)], right=(1,))], 60)
    assert "".join(line.replace("1", "").strip() for line in text.splitlines()[2:]) == "a" * 20
    assert max(map(len, text.splitlines())) <= 60

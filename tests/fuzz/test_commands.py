"""Options, data and other files that nobody would give: answered, or refused with one short message, never a fault."""

import pytest

LONG_PARTS = [pytest.param(part, marks=pytest.mark.verify_long) for part in range(1, 3)]


@pytest.mark.parametrize(("family", "number"), [("option", 80), ("data", 100), ("file", 80)])
def test_changed_options_and_files_are_answered_or_refused(faults, family, number):
    assert faults(family, range(number)) == []


@pytest.mark.parametrize("part", [pytest.param(0, marks=pytest.mark.verify), *LONG_PARTS])
@pytest.mark.parametrize("family", ["option", "data", "file"])
def test_thousands_of_changed_options_and_files_are_answered_or_refused(faults, family, part):
    assert faults(family, range(10_000 + 1_000 * part, 10_000 + 1_000 * (part + 1))) == []

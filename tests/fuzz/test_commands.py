"""Options, data and other files that nobody would give: answered, or refused with one short message, never a fault."""

import pytest


@pytest.mark.parametrize(("family", "number"), [("option", 250), ("data", 300), ("file", 250)])
def test_changed_options_and_files_are_answered_or_refused(faults, family, number):
    assert faults(family, range(number)) == []


@pytest.mark.verify
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("family", ["option", "data", "file"])
def test_thousands_of_changed_options_and_files_are_answered_or_refused(faults, family, part):
    assert faults(family, range(10_000 + 1_000 * part, 10_000 + 1_000 * (part + 1))) == []

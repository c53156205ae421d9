"""Scenarios that nobody would write: answered, or refused with one short message, never a fault."""

import pytest

LONG_PARTS = [pytest.param(part, marks=pytest.mark.verify_long) for part in range(1, 4)]


@pytest.mark.parametrize(("family", "number"), [("scenario", 100), ("change", 100)])
def test_changed_scenarios_are_answered_or_refused(faults, family, number):
    assert faults(family, range(number)) == []


@pytest.mark.parametrize("part", [pytest.param(0, marks=pytest.mark.verify), *LONG_PARTS])
@pytest.mark.parametrize("family", ["scenario", "change"])
def test_thousands_of_changed_scenarios_are_answered_or_refused(faults, family, part):
    assert faults(family, range(10_000 + 1_500 * part, 10_000 + 1_500 * (part + 1))) == []

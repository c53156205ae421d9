"""The report of two scenarios compared."""

import pytest

import jaksim


@pytest.mark.parametrize("scenario", ["actt2", "actt4", "recovery-dexamethasone"])
def test_one_replicate_has_a_difference_without_an_error(scenario):
    found = jaksim.compare(scenario, scenario, replicates=1).report()
    assert "nan" not in found
    assert "One replicate gives the difference no standard error" in " ".join(found.split())
    assert "±" in jaksim.compare(scenario, scenario, replicates=2).report()

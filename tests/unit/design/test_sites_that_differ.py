"""Trials at sites that differ in the course of the disease: what is known of them, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import jaksim
from jaksim.design.power import trial_power
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.design.sizing import trial_size
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from tests.unit.design.operated import ROOT

SITES = str(ROOT / "tests" / "scenarios" / "sites.toml")
DIFFER = "operations.site_sd=0.8"
FEW = Settings(replicates=60, seed=3, workers=1)


def trial(*changes):
    return load_scenario(SITES, changes=changes).trial


def test_every_patient_is_simulated_and_nothing_is_known_without():
    alike, differ = trial_power(trial(), FEW), trial_power(trial(DIFFER), FEW)
    assert (alike.engine, differ.engine) == ("law", "path")
    assert alike.characteristics.looks[0].analytic
    assert not any(look.analytic for look in differ.characteristics.looks)
    for one in differ.analyses:
        assert math.isnan(one.analytic_power)
        assert set(one.n_for_power.values()) == {None}
        assert math.isfinite(one.analytic_estimate)
    # Over sites that differ the odds ratio is nearer to 1.
    assert 0.0 < differ.analyses[0].analytic_estimate < alike.analyses[0].analytic_estimate


def test_the_law_engine_and_averages_of_a_law_are_refused():
    with pytest.raises(InputError, match="no law in common"):
        trial_power(trial(DIFFER), Settings(replicates=10, engine="law"))
    for change in (DIFFER, 'analysis=[{endpoint="score", method="van_elteren", role="primary", sites="only"}]'):
        more = [change] if change == DIFFER else [change, 'monitoring.analysis="score, van_elteren"']
        with pytest.raises(InputError, match="no large-sample power"):
            jaksim.assurance(SITES, draws=20, changes=more)


def test_a_size_is_found_by_simulation_alone():
    found = trial_size(trial(DIFFER), 0.4, Settings(replicates=300, seed=2, workers=1))
    assert found.analytic_n_patients is None
    assert found.n_patients > 60


def test_a_replicate_does_not_depend_on_its_block():
    prepared = Prepared(trial(DIFFER, "operations.country.0.strata_concentration=2"), 5)
    whole = prepared.block(0, 12)
    parts = [prepared.block(first, n) for first, n in ((0, 5), (5, 1), (6, 6))]
    for k, results in enumerate(whole.results):
        np.testing.assert_array_equal(results, np.concatenate([part.results[k] for part in parts]))


def test_no_difference_is_the_trial_without_the_key():
    one, other = (trial_power(trial(*changes), FEW) for changes in ((), ("operations.site_sd=0.0",)))
    assert [a.mean_estimate for a in one.analyses] == [a.mean_estimate for a in other.analyses]
    assert one.engine == other.engine == "law"


def test_laws_are_not_shared_between_trials_whose_sites_differ_and_do_not():
    alike = Prepared(trial(), 5, "path")
    like, own = Prepared(trial(DIFFER), 5, "path", like=alike), Prepared(trial(DIFFER), 5, "path")
    np.testing.assert_array_equal(like.cells.marginal_laws[0], own.cells.marginal_laws[0])
    assert np.abs(own.cells.marginal_laws[0] - alike.cells.marginal_laws[0]).max() > 0.01

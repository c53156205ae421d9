"""Sites as strata of an analysis: tables patient by patient, refusals, and monitored trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import jaksim
from jaksim.analysis.registry import get_method
from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.plan import AnalysisPlan
from tests.unit.design.operated import ROOT, operated, plan_for, scenario_trial

SITES = str(ROOT / "tests" / "scenarios" / "sites.toml")
SMALL = str(ROOT / "tests" / "scenarios" / "small.toml")
NUMBER = 9


def at_sites(sites, strata=()):
    """The primary analysis of the small trial at its nine sites."""
    trial = load_scenario(SITES).trial
    lead = AnalysisPlan("lead", "score", "van_elteren", "drug", "control", "primary", sites=sites, strata=strata)
    return replace(trial, analyses=(lead,), monitoring=None)


@pytest.fixture(scope="module")
def cohort_of():
    def made(trial):
        engine = make_cohorts(Cells(trial), 5, (), "path")
        cohort = engine.open_cohort(2, 3, 120)
        engine.enrol(cohort, 120)
        return engine, cohort

    return made


@pytest.mark.parametrize("strata", [(), ("severe",)])
@pytest.mark.parametrize("sites", ["crossed", "only"])
def test_tables_count_the_patients_of_each_site(cohort_of, sites, strata):
    trial = at_sites(sites, strata)
    engine, cohort = cohort_of(trial)
    (test,) = settle(Cells(trial))
    cut = DataCut(engine, test)
    tables = cut.tables(cohort).reshape(3, *test.shape, -1)
    used = [0, 1] if not strata else [1]
    assert len(test.strata) == NUMBER * (1 if sites == "only" else len(used))
    category = cohort.category[test.table]
    for b in range(3):
        n = cohort.n[b]
        expected = np.zeros_like(tables[b])
        for arm, stratum, site, one in zip(
            cohort.arm[b, :n], cohort.stratum[b, :n], cohort.site[b, :n], category[b, :n], strict=True
        ):
            place = (site if stratum in used else NUMBER) if sites == "only" else stratum * NUMBER + site
            expected[arm, place, one] += 1
        np.testing.assert_array_equal(tables[b], expected)
    of_method = np.empty((3, 3))
    get_method("van_elteren").evaluate(
        np.ascontiguousarray(tables[:, :, list(test.strata)]), test.endpoint, test.options, of_method
    )
    np.testing.assert_array_equal(cut.results(cohort), of_method)
    assert cut.cells.shape == (2, 2)
    assert cut.table_cells.sum() == 2 * len(test.strata)


def test_an_early_cut_counts_who_has_entered(cohort_of):
    trial = at_sites("crossed")
    engine, cohort = cohort_of(trial)
    (test,) = settle(Cells(trial))
    day = np.array([15, 30, 60])
    counts = DataCut(engine, test).tables(cohort, day).sum(axis=(1, 2))
    np.testing.assert_array_equal(counts, (cohort.day <= day[:, None]).sum(axis=1))


@pytest.mark.parametrize(
    ("endpoint", "method", "options", "message"),
    [
        ("score", "proportional_odds", {}, "a parameter for each stratum"),
        ("death", "risk_difference", {}, "sees no strata"),
        ("recovery", "kaplan_meier_difference", {"day": 5, "strata": "pooled"}, "sees no strata"),
        ("free days", "wilcoxon", {}, "sees no strata"),
    ],
)
def test_methods_that_cannot_are_refused(endpoint, method, options, message):
    trial = operated(scenario_trial("tests/scenarios/small"), plan_for(300))
    plan = AnalysisPlan("x", endpoint, method, "drug", "control", options=options, sites="only")
    with pytest.raises(InputError, match=message):
        replace(trial, analyses=(plan,))
    replace(trial, analyses=(replace(plan, sites="pooled"),))


def test_trials_without_sites_and_adaptive_ones_are_refused():
    changes = ['analysis=[{endpoint="recovery", method="log_rank", role="primary", sites="only"}]']
    with pytest.raises(InputError, match="come through no sites"):
        load_scenario(SMALL, changes=changes)
    with pytest.raises(InputError, match="pooled, crossed, only"):
        load_scenario(SMALL, changes=[changes[0].replace('"only"', '"onyl"')])
    adaptive = operated(scenario_trial("scenarios/actt4-promising-zone"), plan_for(1500))
    lead = next(one for one in adaptive.analyses if one.method == "van_elteren")
    with pytest.raises(InputError, match="adaptation"):
        replace(adaptive, analyses=(*adaptive.analyses, replace(lead, name="x", sites="crossed")))


def test_a_monitored_analysis_by_site_stops_trials_alike_by_both_doors():
    changes = [
        'analysis=[{name="lead", endpoint="score", method="van_elteren", role="primary", sites="crossed"}]',
        "monitoring.analysis=lead",
        "operations.site_sd=0.5",
    ]
    options = {"replicates": 40, "seed": 3, "changes": changes}
    fast, events = (jaksim.conduct(SITES, door=door, **options) for door in ("fast", "events"))
    assert fast.power.analyses[0].sites == "crossed"
    assert fast.power.characteristics.looks[0].analytic == {}
    assert [one.power for one in fast.power.analyses] == [one.power for one in events.power.analyses]
    assert [one.mean_estimate for one in fast.power.analyses] == [one.mean_estimate for one in events.power.analyses]
    assert "stratum and site" in fast.power.report(format="markdown")


def test_with_and_without_sites_as_strata_is_compared_on_the_same_patients():
    changes = [
        'analysis=[{endpoint="score", method="van_elteren", role="primary"}]',
        'monitoring.analysis="score, van_elteren"',
        "operations.site_sd=0.8",
    ]
    second = ["analysis.0.sites=crossed"]
    options = {"replicates": 60, "seed": 4}
    found = jaksim.compare(SITES, SITES, changes=changes, second_changes=second, **options)
    (one,) = found.analyses
    powers = [jaksim.power(SITES, changes=[*changes, *more], **options) for more in ([], second)]
    assert (one.power_first, one.power_second) == tuple(result.analyses[0].power for result in powers)
    assert [result.analyses[0].sites for result in powers] == ["pooled", "crossed"]
    assert found.engines == ("path", "path")


def test_a_forecast_has_the_power_of_an_analysis_by_site(tmp_path):
    changes = [
        'analysis=[{name="lead", endpoint="score", method="van_elteren", role="primary", sites="crossed"}]',
        "monitoring.analysis=lead",
    ]
    jaksim.simulate_log(SITES, on=40, seed=9, arms=True, changes=changes).write(tmp_path / "log.csv")
    found = jaksim.forecast(SITES, data=tmp_path / "log.csv", on=40, replicates=60, draws=20, changes=changes)
    (one,) = found.power
    assert 0.0 < one.predictive.power < 1.0
    assert 0.4 < one.predictive.estimate < 0.7


def test_planned_analyses_of_simulated_data_are_those_of_the_replicate(cohort_of):
    trial = at_sites("crossed")
    engine, cohort = cohort_of(trial)
    (test,) = settle(Cells(trial))
    expected = DataCut(engine, test).results(cohort)[0]
    lines = 'analysis=[{endpoint="score", method="van_elteren", role="primary", sites="crossed"}]'
    scenario = jaksim.load_scenario(SITES, changes=[lines, "monitoring={}"])
    patients = jaksim.simulate_trial(scenario, replicate=2, seed=5)
    (found,) = jaksim.analyze(patients.to_pandas(), scenario=scenario).analyses
    assert found.result.statistic == pytest.approx(expected[2], rel=1e-12)
    assert found.result.estimate == pytest.approx(expected[0], rel=1e-12)

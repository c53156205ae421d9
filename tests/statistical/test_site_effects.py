"""Sites that differ in the course of the disease: simulation against the mixture over sites; a z beyond 4 fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.operations.exact.occupation import states_since_randomisation
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from tests.operations_plans import small_trial

REPLICATED = 300
SITES = 400
DAYS = (1, 4, 10)


def at_sites(sd, *, rate=0.5, sites=SITES, patients=SITES):
    operations = Operations(Recruitment((Country("all", (SiteGroup("all", sites, rate),)),)), site_sd=sd)
    return small_trial(patients, operations)


def states_of(trial, replicates, seed=3):
    """Replicate, site, arm, stratum and daily states of the patients of some replicates."""
    engine = make_cohorts(Cells(trial), seed, (), "path")
    cohort = engine.open_cohort(0, replicates, trial.population.patients)
    engine.enrol(cohort, trial.population.patients)
    each = [(r, engine.states(cohort, r, int(cohort.n[r]))) for r in range(replicates)]
    rows = [np.repeat(r, len(states)) for r, states in each]
    columns = [np.concatenate([one[r, : len(s)] for r, s in each]) for one in (cohort.site, cohort.arm, cohort.stratum)]
    return np.concatenate(rows), *columns, np.concatenate([states for _, states in each])


@pytest.mark.parametrize("sd", [0.3, 1.5])
def test_states_are_occupied_as_the_mixture_over_sites_says(sd):
    trial = at_sites(sd)
    replicate, site, arm, stratum, states = states_of(trial, REPLICATED)
    # The arms of the exact law are in the order of the trial, those of the cells with the reference first.
    exact = states_since_randomisation(trial)[[1, 0]]
    assert [one.name for one in trial.arms] == ["drug", "control"]
    cluster = replicate * SITES + site
    compared = 0
    for a in range(2):
        for s in range(2):
            here = (arm == a) & (stratum == s)
            for day in DAYS:
                for state in range(4):
                    p = exact[a, s, day, state]
                    residual = (states[here, day] == state) - p
                    # Patients of a site are alike: the error of the mean is that of sums over sites.
                    sums = np.bincount(cluster[here], weights=residual)
                    error = np.sqrt((sums**2).sum())
                    if error > 5.0:
                        assert abs(sums.sum()) < 4.0 * error
                        compared += 1
    assert compared > 20


def test_laws_of_endpoints_are_those_of_the_mixture():
    trial = at_sites(0.8)
    cells = Cells(trial)
    engine = make_cohorts(cells, 5, ())
    cohort = engine.open_cohort(0, 80, SITES)
    engine.enrol(cohort, SITES)
    for e, endpoint in enumerate(trial.endpoints[:3]):
        tables = engine.tables(cohort, e, 10**6)
        expected = cells.marginal_laws[e] * tables.sum(axis=2, keepdims=True)
        gap = (tables - expected).sum(axis=0)
        error = (tables - expected).std(axis=0) * np.sqrt(len(tables))
        seen = error > 3.0
        assert seen.any(), endpoint.name
        assert (np.abs(gap[seen]) < 4.0 * error[seen]).all()


def test_patients_of_a_site_are_alike_as_far_as_sites_differ():
    """The covariance within a site of being well on a day: the variance over sites of the chance of it."""
    trial = at_sites(1.0, rate=3.0, sites=20, patients=400)
    replicate, site, arm, stratum, states = states_of(trial, REPLICATED)
    here = (arm == 0) & (stratum == 0)
    well = (states[here, 10] == 0) * 1.0
    cluster = (replicate * 20 + site)[here]
    n = np.bincount(cluster, minlength=REPLICATED * 20).reshape(REPLICATED, 20)
    total = np.bincount(cluster, weights=well, minlength=REPLICATED * 20).reshape(REPLICATED, 20)
    sums = np.array([(total * (total - 1)).sum(axis=1), (n * (n - 1)).sum(axis=1), total.sum(axis=1), n.sum(axis=1)])

    def within(sums):
        return sums[0] / sums[1] - (sums[2] / sums[3]) ** 2

    without = within(sums.sum(axis=1, keepdims=True) - sums)  # each replicate left out in turn
    error = np.sqrt((1 - 1 / REPLICATED) * ((without - without.mean()) ** 2).sum())
    exact = _variance_of_chances(trial)
    assert exact > 0.02
    assert 4.0 * error < 0.25 * exact
    assert abs(within(sums.sum(axis=1)) - exact) < 4.0 * error
    alike = replace(trial, operations=replace(trial.operations, site_sd=0.0))
    replicate, site, arm, stratum, states = states_of(alike, 60)
    here = (arm == 0) & (stratum == 0)
    well, cluster = (states[here, 10] == 0) * 1.0, (replicate * 20 + site)[here]
    n, total = np.bincount(cluster), np.bincount(cluster, weights=well)
    assert abs((total * (total - 1)).sum() / (n * (n - 1)).sum() - well.mean() ** 2) < 0.2 * exact


def _variance_of_chances(trial):
    """Of being well on day 10 in the control arm of the first stratum, by a grid over the intercept."""
    arm = trial.reference
    ((_, patient),) = trial.population.strata[0].patients
    table = trial.intensities(arm, patient)
    z = np.linspace(-5.0, 5.0, 101)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    tables = [table.times(np.where(trial.states.better, np.exp(one), 1.0)) for one in z]
    daily = stacked_transition_matrices(tables, 10)
    p = np.array([state_occupation(one, 1)[10, 0] for one in daily])
    return weight @ p**2 - (weight @ p) ** 2


def test_strata_of_a_site_are_beta_binomial():
    """The variance of those of one stratum among n patients: n p (1 - p) (1 + (n - 1) / (1 + c)) (Skellam 1948)."""
    c, p = 3.0, 0.6
    group = SiteGroup("all", 20, 3.0, concentration=c)
    trial = small_trial(400, Operations(Recruitment((Country("all", (group,)),))))
    engine = make_cohorts(Cells(trial), 8, ())
    cohort = engine.open_cohort(0, 60, 400)
    engine.enrol(cohort, 400)
    cluster = (np.arange(60)[:, None] * 20 + cohort.site).ravel()
    n = np.bincount(cluster)
    of_first = np.bincount(cluster, weights=(cohort.stratum == 0).ravel())
    assert abs(of_first.sum() / n.sum() - p) < 4.0 * np.sqrt(p * (1.0 - p) / (1.0 + c) / len(n))
    ratio = (of_first - n * p) ** 2 / (n * p * (1.0 - p) * (1.0 + (n - 1.0) / (1.0 + c)))
    assert abs(ratio.mean() - 1.0) < 4.0 * ratio.std() / np.sqrt(len(ratio))


def by_sites(sd, *, within, patients=400, sites=40, ways=("pooled", "crossed", "only")):
    """A trial with three tests, each of them with sites as strata and without."""
    group = SiteGroup("all", sites, patients / sites / 40.0, shape=2.0)
    recruitment = Recruitment((Country("all", (group,)),))
    trial = small_trial(patients, Operations(recruitment, site_sd=sd, randomised_within_sites=within))
    tests = [plan for plan in trial.analyses if plan.name in ("log-rank", "death", "van elteren")]
    plans = [replace(one, name=f"{one.name}, {way}", sites=way, role="secondary") for one in tests for way in ways]
    return replace(trial, analyses=tuple(plans))


@pytest.mark.parametrize("within", [False, True], ids=["whole trial", "within sites"])
def test_with_and_without_sites_as_strata_tests_keep_their_level(within):
    """Patients of a site are alike, but both arms are at each: randomisation alone keeps the level. A test within sites
    that pools strata which blocks balance stays below it."""
    n = 1500
    found = trial_power(by_sites(0.3, within=within).under_null(), Settings(replicates=n, seed=2, workers=1))
    assert len(found.analyses) == 9
    for one in found.analyses:
        assert one.power < 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / n), one.name
        assert one.power > (0.01 if one.sites == "only" else 0.05 - 4.0 * np.sqrt(0.05 * 0.95 / n)), one.name


def test_estimates_are_those_of_a_very_large_trial_and_sites_as_strata_bring_back_the_power():
    trial = by_sites(1.0, within=True, patients=3000, sites=30)
    found = trial_power(trial, Settings(replicates=120, seed=4, workers=1))
    of = {one.name: one for one in found.analyses}
    for one in found.analyses:
        assert abs(one.mean_estimate - one.analytic_estimate) < 4.0 * one.mean_estimate_mc_se + 1e-3, one.name
        assert np.isnan(one.analytic_power)
    # Over sites that differ a hazard ratio is smaller than within them.
    assert of["log-rank, pooled"].analytic_estimate < 0.75 * of["log-rank, crossed"].analytic_estimate
    small = trial_power(by_sites(1.0, within=True), Settings(replicates=400, seed=4, workers=1))
    power = {one.name: one.power for one in small.analyses}
    assert power["log-rank, only"] > power["log-rank, pooled"] + 0.1

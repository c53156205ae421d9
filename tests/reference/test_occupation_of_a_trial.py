"""Patients in a state by calendar day against the infinite-server queue.

Eick SG, Massey WA, Whitt W. The physics of the M_t/G/infinity queue. Oper. Res. 1993;41:731-42: the number in service
is Poisson with mean the integral of the rate of arrival times the survival of the service; rate times the mean service
when stationary.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.errors import InputError
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.exact.occupation import (
    expected_entries,
    expected_in_state,
    expected_occupation,
    occupation_law,
    states_since_randomisation,
)
from jaksim.trial.operations.day_law import DayLaw, fixed
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup, Speed
from jaksim.trial.operations.screening import Reason, Screening
from tests.unit.design.operated import operated, plan_for, scenario_trial

STAY = np.array([1.0, 0.9, 0.7, 0.4, 0.4, 0.1])
"""Probabilities of staying more than 0, 1, ... days; a mean of 3.5."""


def law_of(*groups, **screening):
    return EnrolmentLaw(Recruitment((Country("one", groups),), until=300), Screening(**screening))


def test_stationary_occupation_is_poisson_with_the_rate_times_the_mean_stay():
    law = law_of(SiteGroup("s", 20, 0.3))
    found = occupation_law(law, 100, STAY, 80)
    assert np.abs(found - stats.poisson(20 * 0.3 * STAY.sum()).pmf(np.arange(81))).max() < 1e-10


def test_occupation_with_gamma_rates_is_negative_binomial():
    law = law_of(SiteGroup("s", 15, 0.4, shape=1.2), reasons=(Reason("r", 0.25),))
    a, mean = 1.2, 0.4 * 0.75 * STAY.sum()
    found = occupation_law(law, 60, STAY, 200)
    assert np.abs(found - stats.nbinom(15 * a, a / (a + mean)).pmf(np.arange(201))).max() < 1e-10


def test_a_rate_that_climbs_is_convolved_with_the_stay():
    law = law_of(SiteGroup("s", 4, 2.0, speed=Speed(ramp=10)), delay=fixed(1))
    rate = 8.0 * np.minimum((np.arange(300) + 0.5) / 10, 1.0)
    for day in (0, 1, 4, 12):
        mean = sum(rate[day - 1 - d] * STAY[d] for d in range(len(STAY)) if day - 1 - d >= 0)
        found = occupation_law(law, day, STAY, 120)
        assert np.abs(found - stats.poisson(mean).pmf(np.arange(121))).max() < 1e-10


def test_the_law_against_simulation():
    rng = np.random.default_rng(4)
    opens = DayLaw((0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7))
    law = law_of(SiteGroup("a", 5, 0.5, shape=0.8, opens=opens), SiteGroup("b", 3, 0.6))
    replicates, day = 20_000, 9
    counts = np.zeros(replicates, dtype=int)
    stay = -np.diff(STAY, append=0.0)
    for shape, rate, sites in ((0.8, 0.5, 5), (math.inf, 0.6, 3)):
        for _ in range(sites):
            factor = rng.gamma(shape, 1 / shape, replicates) if math.isfinite(shape) else np.ones(replicates)
            opened = np.where(rng.random(replicates) < 0.3, 0, 6) if math.isfinite(shape) else np.zeros(replicates)
            for entry in range(day + 1):
                came = np.where(entry >= opened, rng.poisson(rate * factor), 0)
                days = rng.choice(len(STAY), (replicates, came.max() + 1), p=stay) + 1
                there = (entry + days > day) & (np.arange(days.shape[1]) < came[:, None])
                counts += there.sum(axis=1)
    p = occupation_law(law, day, STAY, 60)
    k = np.arange(61)
    mean, sd = p @ k, math.sqrt(p @ k**2 - (p @ k) ** 2)
    assert abs(counts.mean() - mean) < 4.0 * sd / math.sqrt(replicates)
    usual = replicates * p > 8.0
    expected = np.append(replicates * p[usual], replicates * p[~usual].sum())
    seen = np.bincount(counts, minlength=61)
    observed = np.append(seen[usual], replicates - seen[usual].sum())
    assert stats.chi2(len(expected) - 1).sf(((observed - expected) ** 2 / expected).sum()) > 6e-5


def test_a_trial_that_stops_when_it_is_full_against_simulation():
    trial = scenario_trial("tests/scenarios/interims").at_complete_data().with_patients(300)
    trial = operated(trial, plan_for(300, days=40, capped=True))
    law = EnrolmentLaw(trial.operations.recruitment, trial.operations.screening)
    days, replicates = 60, 400
    expected = expected_occupation(trial, law, days)
    states = states_since_randomisation(trial)
    assert np.abs(states.sum(axis=-1) - 1.0).max() < 1e-12
    # Arms of the cells: the reference first, which is the first of this trial.
    engine = make_cohorts(Cells(trial), 8, [], "path")
    assert [arm.name for arm in engine.cells.arms] == [arm.name for arm in trial.arms]
    cohort = engine.open_cohort(0, replicates, 300)
    engine.enrol(cohort, 300)
    seen = np.zeros((replicates, days, *expected.shape[1:]))
    for b in range(replicates):
        n = int(cohort.n[b])
        path = engine.states(cohort, b, n)
        for d in range(trial.horizon + 1):
            at = cohort.day[b, :n] + d
            here = at < days
            index = (at[here], cohort.arm[b, :n][here], cohort.stratum[b, :n][here], path[:, d][here])
            np.add.at(seen[b], index, 1)
    error = seen.std(axis=0) / math.sqrt(replicates)
    usual = expected > 0.5
    assert np.abs((seen.mean(axis=0) - expected)[usual] / error[usual]).max() < 4.8
    entries = expected_entries(law, 300, 400)
    # All entries of 400 days are the mean of the smaller of their number and 300; the sites bring 300 almost surely.
    enrolled = law.enrolled(min(399, law.last_day), 300)
    assert entries.sum() == pytest.approx(enrolled @ np.arange(301), abs=1e-9)
    assert entries.sum() == pytest.approx(300.0, abs=0.01)
    assert (entries >= 0.0).all()
    total = expected_in_state(entries[:days], np.ones(trial.horizon + 1))
    assert np.abs(expected.sum(axis=(1, 2, 3)) - total).max() < 1e-9


def test_caps_have_no_such_law():
    with pytest.raises(InputError, match="caps"):
        occupation_law(law_of(SiteGroup("s", 2, 1.0, cap=5)), 10, STAY, 10)

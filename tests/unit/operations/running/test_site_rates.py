"""Rates of sites after a log: closed forms of gamma and negative binomial."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from jaksim.design.forecasting import Beliefs
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.operations.running.recruiter import RunningRecruiter, opening_ahead
from jaksim.operations.running.site_rates import SiteRates
from jaksim.scenario import load_scenario
from jaksim.trial.operations.day_law import day_law, fixed

SITES = Path(__file__).parents[3] / "scenarios" / "sites.toml"
TRIAL = load_scenario(SITES).trial
MOST_Z = 4.0


def log_of(*sites, on, screened=()):
    rows = [("activated", day, site, "") for site, day in sites]
    rows += [("screened", day, site, f"p{i}") for i, (site, day) in enumerate(screened)]
    names = ("event", "day", "site", "patient")
    data = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return read_log(columns_of(data), TRIAL, TRIAL.operations, on)


def recruiter_of(log, operations=TRIAL.operations, rate_cv=0.0, seed=1):
    beliefs = Beliefs.of(log, operations, rate_cv, math.inf)
    return RunningRecruiter(operations, log, beliefs.rates, beliefs.shares, seed)


def test_exposure_is_the_integral_of_the_speed_over_the_days_of_the_log():
    # Days 0 to 6 are a week from Monday: 5 days at full speed and 2 at half of it.
    log = log_of(("Here 1", 0), ("Here 2", 5), ("There 1", 3), on=6)
    found = Beliefs.of(log, TRIAL.operations, 0.0, 100.0).rates.exposure
    assert found.tolist() == [0.5 * 6.0, 0.5 * 1.0, 0.0, 0.0, 0.0, 0.0, 0.4 * 4.0, 0.0, 0.0]


def test_a_closed_site_is_exposed_until_it_closed():
    rows = {"event": ["activated", "closed"], "day": [0, 3], "site": ["There 1"] * 2}
    log = read_log(columns_of(rows), TRIAL, TRIAL.operations, 20)
    assert Beliefs.of(log, TRIAL.operations, 0.0, 100.0).rates.exposure[6] == pytest.approx(0.4 * 4)
    pool = recruiter_of(log).pool(0, 20, 30)
    assert not (pool.site == 6)[np.arange(pool.site.shape[1]) < pool.n[:, None]].any()


@pytest.mark.parametrize(("screened", "opened", "window"), [(0, 0, 10), (3, 0, 10), (9, 4, 20)])
def test_the_count_of_a_coming_window_is_negative_binomial(screened, opened, window):
    """Gamma(a + n, a + E) mixed over Poisson counts of mean F e is NB(a + n, (a + E) / (a + E + e))."""
    on, replicates = 12, 4000
    days = [("Here 1", opened + i % (on - opened + 1)) for i in range(screened)]
    log = log_of(("Here 1", opened), on=on, screened=days)
    recruiter = recruiter_of(log)
    pool = recruiter.pool(0, replicates, 60)
    among = np.arange(pool.time.shape[1]) < pool.n[:, None]
    # Patients in screening stand in front; they came before.
    ahead = (pool.time >= on + 1) & (pool.time < on + 1 + window) & (pool.site == 0) & among
    counts = ahead.sum(axis=1)
    a, exposed = 2.0, recruiter.rates.exposure[0]
    speed = TRIAL.operations.recruitment.speed(0, opened)
    coming = 0.5 * speed[on + 1 : on + 1 + window].sum()
    law = stats.nbinom(a + screened, (a + exposed) / (a + exposed + coming))
    assert abs(counts.mean() - law.mean()) < MOST_Z * law.std() / math.sqrt(replicates)
    edges = [int(law.ppf(q)) for q in (0.2, 0.5, 0.8)]
    for edge in edges:
        share, p = float((counts <= edge).mean()), law.cdf(edge)
        assert abs(share - p) < MOST_Z * math.sqrt(p * (1.0 - p) / replicates)


@pytest.mark.parametrize(
    "law", [day_law("uniform", {"low": 0, "high": 20}), day_law("poisson", {"mean": 9}), fixed(30)]
)
def test_a_site_not_open_opens_by_the_plan_given_that_it_has_not(law):
    found = opening_ahead(law, 8).pmf
    expected = np.where(np.arange(len(law.pmf)) > 8, law.pmf, 0.0)
    np.testing.assert_allclose(found, expected / expected.sum(), atol=1e-15)


def test_a_site_that_would_have_opened_by_now_opens_on_the_next_day():
    assert opening_ahead(fixed(5), 8).pmf.tolist() == [0.0] * 9 + [1.0]
    recruiter = recruiter_of(log_of(("Here 1", 0), on=12))
    assert recruiter.overdue_sites.tolist() == [False] * 6 + [True] * 3
    opened, _ = recruiter.openings(0, 50)
    assert (opened[:, 6:] == 13).all()
    assert (opened[:, 0] == 0).all()
    assert (opened[:, 1:6] > 12).all()
    assert (opened[:, 1:6] <= 20).all()


@pytest.mark.parametrize(
    ("shape", "n", "exposure", "cv"),
    [([math.inf, math.inf], [7, 4], [4.0, 3.0], 0.5), ([2.0], [9], [3.0], 0.7), ([1.5, 3.0], [0, 2], [6.0, 2.0], 1.2)],
)  # fmt: skip
def test_the_common_factor_has_its_posterior(shape, n, exposure, cv):
    """Prior Gamma(1/cv2, 1/cv2) times the Poisson or negative binomial likelihoods, integrated by quadrature."""
    rates = SiteRates(np.array(shape), np.array(n), np.array(exposure), np.zeros(len(n), dtype=np.int64), cv)
    k = 1.0 / cv**2

    def density(c):
        value = stats.gamma.pdf(c, k, scale=1.0 / k)
        for a, count, e in zip(shape, n, exposure, strict=True):
            law = stats.poisson(c * e) if math.isinf(a) else stats.nbinom(a, a / (a + c * e))
            value *= law.pmf(count)
        return value

    total = integrate.quad(density, 0.0, 40.0, limit=400)[0]
    law = rates.common_law(0)
    for level in (0.05, 0.5, 0.95):
        at = float(law.at(np.array([level]))[0])
        assert integrate.quad(density, 0.0, at, limit=400)[0] / total == pytest.approx(level, abs=2e-3)


def test_unsure_rates_follow_the_counts_and_sure_ones_of_equal_sites_do_not():
    log = log_of(("There 1", 10), on=29, screened=[("There 1", 10 + i % 20) for i in range(24)])
    planned = recruiter_of(log).openings(0, 400)[1]
    assert (planned[:, 6:] == 1.0).all()
    unsure = recruiter_of(log, rate_cv=0.6).openings(0, 400)[1]
    assert 2.0 < unsure[:, 6].mean() < 3.0
    np.testing.assert_array_equal(unsure[:, 6], unsure[:, 8])


def test_a_cap_that_is_reached_ends_exposure_and_screening():
    operations = TRIAL.operations
    country, other = operations.recruitment.countries
    capped = replace(country, groups=(replace(country.groups[0], cap=2),))
    few = replace(operations, recruitment=replace(operations.recruitment, countries=(capped, other)))
    rows = [("activated", 0, "Here 1", "")]
    for i, day in enumerate((1, 3)):
        rows += [("screened", day, "Here 1", f"p{i}"), ("randomised", day, "Here 1", f"p{i}")]
    data = {name: [row[i] for row in rows] for i, name in enumerate(("event", "day", "site", "patient"))}
    log = read_log(columns_of(data), TRIAL, few, 9)
    assert Beliefs.of(log, few, 0.0, 100.0).rates.exposure[0] == pytest.approx(0.5 * 4)
    pool = recruiter_of(log, few).pool(0, 10, 20)
    assert not ((pool.site == 0) & (np.arange(pool.site.shape[1]) < pool.n[:, None])).any()

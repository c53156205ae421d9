"""Enrolment of a trial against closed forms.

Anisimov VV, Fedorov VV. Modelling, prediction and adaptive adjustment of recruitment in multicentre trials. Statist.
Med. 2007;26:4958-75: with J sites open from day 0 and rates Gamma(a, b) the count by time t is negative binomial with
size J a and probability b / (b + t); the time of the n-th patient is b times a beta prime variable with parameters n
and J a. Screening failure with probability p turns b into b / (1 - p).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from jaksim.operations.exact.day_full import day_full, full_with_chance
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.exact.needed import rate_factor, sites_to_add
from jaksim.operations.exact.sites import sites_open, sites_without_patient
from jaksim.trial.operations.day_law import DayLaw, fixed
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.screening import Reason, Screening

WITHIN = 1e-10


def sites(count: int, rate: float, shape: float = math.inf, **more: object) -> Recruitment:
    return Recruitment((Country("one", (SiteGroup("one", count, rate, shape=shape, **more),)),), until=400)


def failing(p: float) -> Screening:
    return Screening((Reason("any", p),)) if p else Screening()


@pytest.mark.parametrize(("count", "shape", "p"), [(1, 0.3, 0.0), (20, 1.5, 0.0), (67, 2.0, 0.35), (300, 5.0, 0.1)])
@pytest.mark.parametrize("day", [0, 30, 200])
def test_counts_are_negative_binomial(count, shape, p, day):
    law = EnrolmentLaw(sites(count, 0.2, shape), failing(p))
    b = shape / 0.2 / (1.0 - p)
    textbook = stats.nbinom(count * shape, b / (b + day + 1.0))
    assert np.abs(law.pmf(day, 900) - textbook.pmf(np.arange(901))).max() < WITHIN
    assert np.abs(law.cdf(day, 900) - textbook.cdf(np.arange(901))).max() < WITHIN
    mean, sd = law.moments(day)
    assert mean == pytest.approx(textbook.mean(), rel=1e-12)
    assert sd == pytest.approx(textbook.std(), rel=1e-9)


@pytest.mark.parametrize("count", [1, 50, 4000])
def test_counts_of_equal_sites_are_poisson(count):
    law = EnrolmentLaw(sites(count, 5.0 / count), Screening())
    assert np.abs(law.pmf(200, 1200) - stats.poisson(1005.0).pmf(np.arange(1201))).max() < WITHIN


def test_one_site_of_which_nobody_is_all_but_impossible():
    # The probability of no patient is below 1e-300, so that counts are built up from logarithms.
    law = EnrolmentLaw(sites(1, 5.0, 1000.0), Screening())
    textbook = stats.nbinom(1000, 200.0 / (200.0 + 1505.0 / 5.0))
    assert np.abs(law.pmf(300, 2500) - textbook.pmf(np.arange(2501))).max() < WITHIN
    assert np.abs(law.cdf(300, 2500) - textbook.cdf(np.arange(2501))).max() < WITHIN


@pytest.mark.parametrize(
    ("count", "shape", "p", "patients"), [(30, 1.5, 0.0, 200), (8, 0.7, 0.25, 60), (67, 4.0, 0.4, 1500)]
)
def test_day_of_the_last_patient_is_beta_prime(count, shape, p, patients):
    rate = 1.3 * patients / count / 200 / (1.0 - p)
    law = EnrolmentLaw(sites(count, rate, shape), failing(p))
    scale = shape / rate / (1.0 - p)
    textbook = stats.betaprime(patients, count * shape, scale=scale)
    found = day_full(law, patients)
    for day in range(100, 400, 7):
        assert found.by(day) == pytest.approx(textbook.cdf(day + 1.0), abs=2e-10)
    for level in (0.025, 0.5, 0.9):
        assert found.quantile(level) == math.floor(textbook.ppf(level))
        assert full_with_chance(law, patients, level) == found.quantile(level)


def test_first_patient_of_one_site_with_delay():
    # A Poisson process of 0.1 a day, opening on day 3 or 10, randomised 0 or 4 days after screening.
    opens = DayLaw((0.0,) * 3 + (0.25,) + (0.0,) * 6 + (0.75,))
    law = EnrolmentLaw(sites(1, 0.1, opens=opens), Screening(delay=DayLaw((0.6, 0.0, 0.0, 0.0, 0.4))))
    for day in (2, 3, 9, 12, 40):
        worked = [[max(day + 1 - delay - opened, 0) for delay in (0, 4)] for opened in (3, 10)]
        means = [0.1 * (0.6 * soon + 0.4 * late) for soon, late in worked]
        nobody = 0.25 * math.exp(-means[0]) + 0.75 * math.exp(-means[1])
        assert law.pmf(day, 0)[0] == pytest.approx(nobody, abs=1e-14)


def test_cap_of_a_site_truncates_and_cap_of_a_country_truncates_the_sum():
    capped = EnrolmentLaw(sites(3, 0.1, cap=4), Screening())
    one = stats.poisson(0.1 * 41).pmf(np.arange(4))
    one = np.append(one, 1.0 - one.sum())
    three = np.convolve(np.convolve(one, one), one)
    assert np.abs(capped.pmf(40, 12) - three).max() < WITHIN
    assert capped.full_by(10_000, 13) < WITHIN

    country = Country("c", (SiteGroup("s", 3, 0.1, cap=4),), cap=7)
    other = Country("o", (SiteGroup("s", 2, 0.05),))
    both = EnrolmentLaw(Recruitment((country, other), until=100), Screening())
    capped_sum = np.append(three[:7], three[7:].sum())
    rest = stats.poisson(0.1 * 41).pmf(np.arange(30))
    assert np.abs(both.pmf(40, 25) - np.convolve(capped_sum, rest)[:26]).max() < WITHIN
    k = np.arange(8)
    mean, sd = both.moments(40)
    assert mean == pytest.approx(capped_sum @ k + 4.1, abs=1e-9)
    assert sd**2 == pytest.approx(capped_sum @ k**2 - (capped_sum @ k) ** 2 + 4.1, abs=1e-8)


def test_country_that_is_closed_and_site_that_closes_recruit_no_more():
    law = EnrolmentLaw(sites(10, 0.2, 2.0, closes=49), Screening(delay=fixed(5)))
    assert law.moments(54)[0] == pytest.approx(10 * 0.2 * 50)
    assert law.moments(300)[0] == pytest.approx(10 * 0.2 * 50)
    assert law.moments(4)[0] == 0.0
    assert law.last_day == 405


def test_who_waits_on_the_last_day_is_still_randomised():
    recruitment = Recruitment((Country("one", (SiteGroup("one", 1, 2.0),)),), until=9)
    law = EnrolmentLaw(recruitment, Screening(delay=fixed(20)))
    assert law.moments(29)[0] == pytest.approx(20.0)
    assert law.moments(1000)[0] == pytest.approx(20.0)


def test_tails_of_a_large_trial_agree_with_the_negative_binomial():
    law = EnrolmentLaw(sites(4000, 0.01, 1.2), Screening())
    b = 1.2 / 0.01
    textbook = stats.nbinom(4000 * 1.2, b / (b + 201.0))
    k = np.arange(9001)
    assert np.abs(law.cdf(200, 9000) - textbook.cdf(k)).max() < WITHIN


def test_sites_without_a_patient_and_open_sites_are_binomial():
    opens = DayLaw((0.5,) + (0.0,) * 19 + (0.5,))
    law = EnrolmentLaw(sites(12, 0.05, 1.5, opens=opens), Screening())
    assert np.abs(sites_open(law, 5) - stats.binom(12, 0.5).pmf(np.arange(13))).max() < 1e-14
    b = 1.5 / 0.05
    nobody = 0.5 * (b / (b + 31.0)) ** 1.5 + 0.5 * (b / (b + 11.0)) ** 1.5
    assert np.abs(sites_without_patient(law, 30) - stats.binom(12, nobody).pmf(np.arange(13))).max() < 1e-14


def test_sites_and_rates_to_add_for_a_chance_by_the_negative_binomial():
    law = EnrolmentLaw(sites(20, 0.1, 1.5), Screening())
    b = 1.5 / 0.1
    more = sites_to_add(law, 500, 149, 0.9)
    chances = [stats.nbinom((20 + m) * 1.5, b / (b + 150.0)).sf(499) for m in (more - 1, more)]
    assert chances[0] < 0.9 <= chances[1]
    factor = rate_factor(law, 500, 149, 0.9)
    chances = [stats.nbinom(20 * 1.5, b / (b + f * 150.0)).sf(499) for f in (factor * 0.9999, factor)]
    assert chances[0] < 0.9 <= chances[1]
    assert sites_to_add(law, 10, 149, 0.9) == 0
    assert rate_factor(law, 10, 149, 0.9) < 1.0


def test_no_number_of_sites_fills_a_trial_before_they_open_or_above_a_cap():
    late = EnrolmentLaw(sites(20, 0.1, opens=fixed(200)), Screening())
    assert sites_to_add(late, 5, 100, 0.5) is None
    assert rate_factor(late, 5, 100, 0.5) is None
    capped = EnrolmentLaw(Recruitment((Country("c", (SiteGroup("s", 2, 0.1),), cap=9),), until=400), Screening())
    assert sites_to_add(capped, 10, 400, 0.5) is None

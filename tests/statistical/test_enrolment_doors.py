"""The exact law of enrolment against the fast door, over plans drawn at random: counts by day, and the day full.

|z| > 4 fails; a chi-square test fails below p = 1e-5.
"""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from scipy import stats

from jaksim.errors import InputError
from jaksim.operations.exact.day_full import day_full
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.exact.sites import sites_without_patient, without_patient_at_end
from jaksim.operations.pool import Recruiter
from jaksim.trial.operations.day_law import DayLaw, day_law, fixed
from jaksim.trial.operations.recruitment import Country, Recruitment, Season, SiteGroup, Speed
from jaksim.trial.operations.screening import Reason, Screening

REPLICATES = 1_500
PLANS = 16


def some_days(rng: np.random.Generator, longest: int) -> DayLaw:
    """A distribution of days of one kind or another."""
    kind = rng.integers(4)
    if kind == 0:
        return fixed(int(rng.integers(longest // 2 + 1)))
    if kind == 1:
        return day_law("uniform", {"low": 0, "high": longest})
    if kind == 2:
        return day_law("triangular", {"low": 0, "mode": longest // 3, "high": longest})
    return day_law("gamma", {"mean": longest / 3, "sd": longest / 5})


def some_group(rng: np.random.Generator, name: str) -> SiteGroup:
    return SiteGroup(
        name,
        int(rng.integers(1, 9)),
        float(rng.uniform(0.05, 0.4)),
        opens=some_days(rng, 60),
        shape=math.inf if rng.random() < 0.25 else float(rng.uniform(0.4, 4.0)),
        speed=Speed(int(rng.choice([0, 20])), float(rng.choice([0.0, 0.1]))),
        cap=int(rng.integers(5, 25)) if rng.random() < 0.4 else None,
        closes=int(rng.integers(100, 200)) if rng.random() < 0.25 else None,
    )


def some_country(rng: np.random.Generator, name: str) -> Country:
    season = Season(
        datetime.date(2021, 3, 1),
        tuple(rng.uniform(0.5, 1.5, 12)) if rng.random() < 0.5 else (),
        float(rng.choice([1.0, 0.3])),
        ((30, 36),) if rng.random() < 0.5 else (),
    )
    groups = tuple(some_group(rng, f"{name}{g}") for g in range(rng.integers(1, 4)))
    return Country(name, groups, season, int(rng.integers(10, 40)) if rng.random() < 0.4 else None)


def some_plan(number: int) -> tuple[Recruitment, Screening, int]:
    """A plan, and a number of patients that it brings on some days but not on all."""
    rng = np.random.default_rng(1_000 + number)
    countries = tuple(some_country(rng, name) for name in "AB"[: rng.integers(1, 3)])
    recruitment = Recruitment(countries, until=int(rng.integers(150, 300)))
    reasons = tuple(Reason(name, float(rng.uniform(0.0, 0.3)), bool(rng.random() < 0.6)) for name in "xyz")
    screening = Screening(
        reasons[: rng.integers(0, 4)],
        some_days(rng, 12),
        float(rng.uniform()),
        some_days(rng, 20),
        float(rng.uniform()),
    )
    patients = max(int(0.7 * EnrolmentLaw(recruitment, screening).moments(10_000)[0]), 3)
    return recruitment, screening, patients


@pytest.fixture(scope="module", params=range(PLANS))
def doors(request):
    recruitment, screening, patients = some_plan(request.param)
    pool = Recruiter(recruitment, screening, 7).pool(0, REPLICATES, patients)
    ready = np.take_along_axis(pool.ready, pool.order.astype(np.int64), axis=1)
    ready[np.arange(patients) >= pool.lined_up[:, None]] = np.inf
    return EnrolmentLaw(recruitment, screening), np.floor(ready), patients


def fits(counts: np.ndarray, p: np.ndarray) -> float:
    """p-value of a chi-square test of values 0, 1, ... against their law, places with few expected taken together."""
    expected, observed = REPLICATES * p, np.bincount(counts, minlength=len(p)).astype(float)
    assert observed[p <= 0.0].sum() == 0
    bins = np.minimum(np.cumsum(expected) // 8.0, max(expected.sum() // 8.0 - 1.0, 0.0)).astype(int)
    e, o = np.bincount(bins, expected), np.bincount(bins, observed)
    e, o = e[e > 0], o[e > 0]
    if len(e) < 2:
        return 1.0
    return float(stats.chi2(len(e) - 1).sf(np.sum((o - e) ** 2 / e)))


def test_counts_by_day(doors):
    law, entered, patients = doors
    middle = int(day_full(law, patients).quantile(0.3)) if law.full_by(10_000, patients) > 0.3 else 120
    for day in (20, middle // 2, middle, middle + 30):
        p = law.enrolled(day, patients)
        counts = (entered <= day).sum(axis=1)
        k = np.arange(patients + 1)
        mean = float(p @ k)
        sd = math.sqrt(float(p @ (k - mean) ** 2))
        assert abs(counts.mean() - mean) <= 4.0 * sd / math.sqrt(REPLICATES) + 1e-9
        assert fits(counts, p) > 1e-5


def test_day_full(doors):
    law, entered, patients = doors
    found = day_full(law, patients)
    last = entered[:, -1]
    full = np.isfinite(last)
    assert abs((~full).mean() - found.never) <= 4.0 * math.sqrt(found.never * (1 - found.never) / REPLICATES) + 1e-9
    if full.sum() > 30:
        assert abs(last[full].mean() - found.mean) <= 4.0 * found.sd / math.sqrt(full.sum()) + 1e-9
    for level in (0.1, 0.5, 0.8):
        day = found.quantile(level)
        if math.isfinite(day):
            p = found.by(int(day))
            assert abs((last <= day).mean() - p) <= 4.0 * math.sqrt(p * (1.0 - p) / REPLICATES) + 1e-9


def test_sites_without_a_patient(doors):
    law, entered, patients = doors
    recruitment = law.recruitment
    if any(country.cap is not None for country in recruitment.countries):
        for law_of_sites in (lambda: without_patient_at_end(law, patients), lambda: sites_without_patient(law, 60)):
            with pytest.raises(InputError, match="under the cap of a country"):
                law_of_sites()
        return
    pool = Recruiter(recruitment, law.screening, 7).pool(0, REPLICATES, patients)
    site = np.take_along_axis(pool.site, pool.order.astype(np.int64), axis=1)
    among = np.isfinite(entered)
    without = np.array([recruitment.n_sites - len(np.unique(site[b, among[b]])) for b in range(REPLICATES)])
    expected, error = without_patient_at_end(law, patients)
    assert abs(without.mean() - expected) <= 4.0 * without.std() / math.sqrt(REPLICATES) + error
    early = entered <= 60
    without = np.array([recruitment.n_sites - len(np.unique(site[b, early[b]])) for b in range(REPLICATES)])
    whole = ~np.isfinite(entered[:, -1]) | (entered[:, -1] > 60)
    if whole.all():
        assert fits(without, sites_without_patient(law, 60)) > 1e-5


def test_patients_are_screened_as_expected(doors):
    law, _, _ = doors
    recruiter = Recruiter(law.recruitment, law.screening, 11)
    pool = recruiter.pool(0, 200, 1_000)
    counts = pool.n
    mean = law.screened(10_000)
    assert abs(counts.mean() - mean) <= 4.5 * counts.std() / math.sqrt(200)


def test_most_plans_have_sites_that_are_independent():
    """Otherwise the sites without a patient would hardly be held against simulation."""
    plans = [some_plan(number)[0] for number in range(PLANS)]
    assert sum(all(country.cap is None for country in plan.countries) for plan in plans) >= PLANS // 3

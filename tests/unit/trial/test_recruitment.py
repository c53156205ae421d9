"""Sites in countries: seasons, speeds, openings and what is expected of them."""

import datetime

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.trial.operations.day_law import fixed
from jaksim.trial.operations.recruitment import (
    Country,
    Recruitment,
    Season,
    SiteGroup,
    Speed,
    expected_patients,
)

GROUP = SiteGroup("hospitals", 2, 0.5, opens=fixed(3), closes=9)


def test_equal_groups_of_two_countries_have_the_seasons_of_their_own():
    """Both countries have the same hospitals; only one of them is closed on days 5 to 7."""
    countries = (Country("A", (GROUP,)), Country("B", (GROUP,), Season(closed=((5, 7),))))
    recruitment = Recruitment(countries, until=12)
    open_days = [recruitment.speeds(g)[3] for g in (0, 1)]
    assert open_days[0].tolist() == [0.0] * 3 + [1.0] * 7 + [0.0] * 3
    assert open_days[1].tolist() == [0.0] * 3 + [1.0] * 2 + [0.0] * 3 + [1.0] * 2 + [0.0] * 3
    assert expected_patients(recruitment, 1.0, np.array([1.0]))[-1] == pytest.approx(2 * 0.5 * (7 + 4))


def test_months_and_weekends_follow_the_calendar():
    """1 March 2021 is a Monday; April has half the speed of the other months."""
    months = tuple(0.5 if month == 3 else 1.0 for month in range(12))
    factors = Season(datetime.date(2021, 3, 1), months, weekend=0.25).by_day(36)
    assert factors[:7].tolist() == [1.0] * 5 + [0.25] * 2
    assert factors[31:35].tolist() == [0.5, 0.5, 0.125, 0.125]


def test_a_site_climbs_and_tires():
    speeds = Speed(ramp=10, decay=0.2).by_age(71)
    assert speeds[[0, 4, 9]] == pytest.approx([0.05, 0.45, 0.95])
    assert speeds[40] / speeds[10] == pytest.approx(0.8)
    assert speeds[70] / speeds[10] == pytest.approx(0.64)


def test_sites_have_names_and_days_on_which_they_close():
    recruitment = Recruitment((Country("A", (GROUP, SiteGroup("clinics", 1, 1.0))),))
    assert recruitment.site_names == ("A, hospitals 1", "A, hospitals 2", "A, clinics")
    assert recruitment.group_of == (0, 0, 1)
    assert recruitment.closing.tolist() == [10.0, 10.0, np.inf]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: SiteGroup("s", 0, 1.0), "number of sites"),
        (lambda: SiteGroup("s", 1, 0.0), "rate of screening"),
        (lambda: SiteGroup("s", 1, 1.0, shape=0.0), "shape"),
        (lambda: Season(weekend=0.5), "need the date"),
        (lambda: Season(closed=((4, 2),)), "stretch of days"),
        (lambda: Speed(decay=1.0), "decay"),
        (lambda: Country("A", ()), "no site"),
        (lambda: Recruitment(()), "no site recruits"),
        (lambda: Recruitment((Country("A", (GROUP,)), Country("A", (GROUP,)))), "A"),
    ],
)
def test_what_recruits_nobody_is_refused(build, words):
    with pytest.raises(InputError, match=words):
        build()

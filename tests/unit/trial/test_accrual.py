import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.scenario.monitoring import read_accrual
from jaksim.trial.accrual import Accrual, Site, of_sites


def test_expected_patients_and_the_day_they_have_come():
    accrual = Accrual(PiecewiseConstant((10.0, 20.0), (2.0, 0.0, 5.0)))
    assert accrual.expected_before.tolist() == [0.0, 20.0, 20.0]
    assert [accrual.expected(day) for day in (-1, 0, 5, 15, 22)] == [0.0, 0.0, 10.0, 20.0, 30.0]
    assert [accrual.day_of(n) for n in (10.0, 20.0, 30.0)] == [5.0, 10.0, 22.0]


def test_a_site_climbs_to_its_speed_in_a_line():
    speed = Site("a", opens=5.0, rate=2.0, ramp=4).speed()
    assert speed(np.array([0.0, 5.0, 6.5, 8.0, 9.0, 99.0])).tolist() == [0.0, 0.25, 0.75, 1.75, 2.0, 2.0]
    # The area under the line is half of the speed times the days of the ramp.
    assert speed.integral(5.0, 9.0) == pytest.approx(4.0)


def test_sites_together_recruit_the_sum():
    sites = [Site("a", 0.0, 1.0), Site("b", 3.0, 2.0, 2), Site("c", 3.0, 0.5)]
    rate = of_sites(sites)
    days = np.linspace(0.0, 12.0, 200)
    assert rate(days) == pytest.approx(sum(site.speed()(days) for site in sites))


def test_the_table_of_a_scenario():
    table = {"site": [{"name": "a", "rate": 1.0, "ramp": 2}, {"rate": 3.0, "opens": 7}], "lag": 3, "arrivals": "even"}
    found = read_accrual(table)
    assert found == Accrual(PiecewiseConstant((1.0, 2.0, 7.0), (0.25, 0.75, 1.0, 4.0)), "even", 3)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"lag": 1}, "rates or sites"),
        ({"rates": [1.0], "site": [{"rate": 1.0}]}, "either"),
        ({"rates": [1.0, 0.0], "cuts": [5]}, "holds for ever"),
        ({"rates": [-1.0]}, "accrual"),
        ({"rates": [1.0, 2.0]}, "accrual"),
        ({"rates": [1.0], "arrivals": "evn"}, "did you mean 'even'"),
        ({"rates": [1.0], "lag": -1}, "lag"),
        ({"site": [{"rate": 0.0}]}, "not positive"),
        ({"site": [{"rate": 1.0}], "cuts": [3]}, "no common cuts"),
    ],
)
def test_refusals(table, message):
    with pytest.raises(InputError, match=message):
        read_accrual(table)

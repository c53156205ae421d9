import math

import pytest
from scipy import stats

from jaksim.errors import InputError
from jaksim.trial.characteristics import LogNormal, Normal, Steps, laws
from jaksim.trial.characteristics.criterion import Criterion


def test_bounds_are_intervals_of_the_latent():
    adults = Criterion("adults", "age", at_least=18.0, below=80.0)
    assert adults.intervals(Normal(60.0, 15.0)) == ((pytest.approx(-2.8), pytest.approx(4.0 / 3.0)),)
    assert Criterion("", "crp", above=math.e).intervals(LogNormal(1.0, 0.5)) == ((0.0, math.inf),)
    assert Criterion("", "crp", below=-1.0).intervals(LogNormal(1.0, 0.5)) == ()


def test_at_least_and_above_differ_in_categories():
    days = laws.categories([0.0, 5.0, 10.0], [1, 1, 2])
    q1, q2 = stats.norm.ppf([0.25, 0.5])
    assert Criterion("", "d", at_least=5.0).intervals(days) == ((pytest.approx(q1), math.inf),)
    assert Criterion("", "d", above=5.0).intervals(days) == ((pytest.approx(q2, abs=1e-12), math.inf),)
    ends = Criterion("", "d", values=(0.0, 10.0)).intervals(days)
    assert ends == ((-math.inf, pytest.approx(q1)), (pytest.approx(q2, abs=1e-12), math.inf))
    mixed = Steps((-1.0, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0))
    assert Criterion("", "d", values=(0.0,)).intervals(mixed) == ((-1.0, 1.0),)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "has bounds, or values"),
        ({"at_least": 1.0, "values": (1.0,)}, "has bounds, or values"),
        ({"at_least": 5.0, "below": 5.0}, "nobody is within"),
        ({"above": 6.0, "at_most": 5.0}, "nobody is within"),
    ],
)
def test_criteria_that_say_nothing_or_let_in_nobody_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        Criterion("", "age", **given)


def test_values_of_a_continuous_characteristic_are_refused():
    with pytest.raises(InputError, match="age is continuous"):
        Criterion("", "age", values=(60.0,)).intervals(Normal(60.0, 15.0))

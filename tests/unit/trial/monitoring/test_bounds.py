from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

import jaksim
from jaksim.errors import InputError
from jaksim.trial.monitoring.bounds import at_information, boundaries_of, bounds_at
from jaksim.trial.monitoring.integration import crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import HwangShihDeCani, ObrienFleming, Pocock, Power, UserSpending

TIMES = (0.3, 0.65, 1.0)
DESIGNS = {
    "efficacy": {"spending": "obrien-fleming"},
    "two sides": {"spending": "pocock", "sides": 2},
    "family": {"spending": "wang-tsiatis:0.2"},
    "interim bound": {"spending": "haybittle-peto:3.2"},
    "beta": {"spending": "hsd:-4", "futility": "hsd:-2"},
    "binding beta": {"spending": "hsd:-4", "futility": "power:2", "binding": True},
    "binding family": {"spending": "wang-tsiatis:0.25", "futility": "obrien-fleming", "binding": True},
    "inside": {"spending": "power:2", "sides": 2, "futility": "power:2", "binding": True},
    "inside not binding": {"spending": "power:2", "sides": 2, "futility": "power:2"},
    "given": {"spending": "hsd:-3", "futility": "z:-0.2,0.5", "binding": True},
    "conditional power": {"spending": "hsd:-3", "futility": "cp:0.15"},
    "trend": {"spending": "hsd:-3", "futility": "cp-trend:0.1", "binding": True},
    "triangle": {"spending": "wang-tsiatis:0.2", "futility": "pampallona-tsiatis:0.3", "binding": True},
    "harm": {"spending": "hsd:-3", "harm": "pocock"},
    "binding harm": {"spending": "hsd:-3", "harm": "pocock", "binding": True},
    "all three": {"spending": "hsd:-3", "harm": "pocock", "futility": "hsd:-2"},
    "switched off": {"spending": "hsd:-3", "futility": "hsd:-2", "no_efficacy": [1], "no_futility": [2]},
}


@pytest.fixture(scope="module", params=DESIGNS)
def found(request):
    return jaksim.boundaries(information=TIMES, **DESIGNS[request.param])


def test_level_and_power_are_right(found):
    assert found.alpha_spent[-1] == pytest.approx(found.plan.alpha, abs=1e-10)
    crossing = found.crossing([0.0, found.drift])
    spends = found.plan.futility is not None and found.plan.sides == 2
    power = 1.0 - crossing.inner[1].sum() if spends else crossing.upper[1].sum()
    assert power == pytest.approx(0.9, abs=1e-9)
    level = found.plan.sides * crossing.upper[0].sum()
    assert level <= found.plan.alpha + 1e-10


def test_many_trials_at_the_plan_have_its_bounds(found):
    rows = np.array([[*TIMES], [0.3, 0.65, np.nan], [0.25, 0.7, 1.1]])
    upper, lower = bounds_at(found, rows)
    assert upper[0] == pytest.approx(found.upper_z, abs=1e-9)
    assert lower[0] == pytest.approx(found.lower_z, abs=1e-9)
    assert upper[1, :2] == pytest.approx(found.upper_z[:2], abs=1e-9)
    assert np.isnan(upper[1, 2])
    one = at_information(found, rows[2])
    assert upper[2] == pytest.approx(one.upper_z, abs=1e-12)
    assert lower[2] == pytest.approx(one.lower_z, abs=1e-12)


@pytest.mark.parametrize("actual", [(0.2, 0.7, 0.93), (0.35, 0.6, 1.0), (0.4, 0.8, 1.3)])
def test_level_holds_at_other_information(found, actual):
    at = at_information(found, actual)
    assert at.alpha_spent[-1] == pytest.approx(found.plan.alpha, abs=1e-10)
    # The first analysis knows nothing of what comes later.
    assert at.upper_z[0] == at_information(found, actual[:1]).upper_z[0]


def test_no_test_at_an_analysis():
    found = jaksim.boundaries(information=TIMES, **DESIGNS["switched off"])
    assert found.upper_z[0] == np.inf
    assert found.lower_z[1] == -np.inf
    plan = HwangShihDeCani(-3.0)
    assert found.alpha_spent == pytest.approx([0.0, *plan.spent([0.65, 1.0], 0.025)], abs=1e-12)


def test_harm_spends_its_level_under_the_null():
    found = jaksim.boundaries(information=TIMES, **DESIGNS["all three"])
    crossing = crossing_probabilities(TIMES, found.harm_z, found.upper_z, 0.0)
    assert np.cumsum(crossing.lower[0]) == pytest.approx(Pocock().spent(TIMES, 0.025), abs=1e-10)
    assert np.all(found.harm_z < found.lower_z)


def test_futility_stops_where_conditional_power_is_low():
    from jaksim.trial.monitoring.conditional import conditional_power

    for name, level in (("conditional power", 0.15), ("trend", 0.1)):
        found = jaksim.boundaries(information=TIMES, **DESIGNS[name])
        drifts = None if name == "trend" else found.drift
        for look in (1, 2):
            reached = conditional_power(found, look, found.lower_z[look - 1], drifts, final_only=True)
            assert reached[0] == pytest.approx(level, abs=1e-8)


def test_binding_futility_lowers_the_efficacy_bounds():
    plan = MonitoringPlan(information=TIMES, efficacy=Power(2.0), futility=Power(2.0))
    loose, binding = boundaries_of(plan), boundaries_of(replace(plan, binding=True))
    assert loose.upper_z[0] == pytest.approx(binding.upper_z[0])
    assert np.all(loose.upper_z[1:] > binding.upper_z[1:])
    assert loose.upper_z == pytest.approx(boundaries_of(replace(plan, futility=None)).upper_z, abs=1e-10)


def test_one_analysis_is_a_fixed_trial():
    found = jaksim.boundaries(looks=1, alpha=0.05, sides=2, beta=0.2)
    assert found.upper_z == pytest.approx([norm.ppf(0.975)])
    assert found.inflation_factor == pytest.approx(1.0, abs=1e-9)
    assert found.expected_information([0.0, 3.0]) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    "spending", [ObrienFleming(), Pocock(), HwangShihDeCani(-4.0), HwangShihDeCani(0.0), Power(3.0)]
)
def test_spending_functions_rise_from_nothing_to_everything(spending):
    spent = spending.spent(np.linspace(0.0, 1.4, 57), 0.025)
    assert spent[0] == 0.0
    assert np.all(np.diff(spent) >= 0.0)
    assert spent[40:] == pytest.approx(np.full(17, 0.025))


def test_spending_functions_have_the_published_values():
    assert ObrienFleming().spent(0.5, 0.025) == pytest.approx(2 * norm.sf(norm.isf(0.0125) / 0.5**0.5))
    assert Pocock().spent(0.5, 0.025) == pytest.approx(0.025 * np.log(1 + (np.e - 1) * 0.5))
    assert HwangShihDeCani(-4.0).spent(0.5, 0.025) == pytest.approx(0.025 * (1 - np.exp(2)) / (1 - np.exp(4)))
    assert Power(2.5).spent(0.5, 0.025) == pytest.approx(0.025 * 0.5**2.5)
    assert UserSpending((0.5, 1.0), (0.2, 1.0)).spent([0.25, 0.75, 1.5], 0.05) == pytest.approx([0.005, 0.03, 0.05])


def test_a_futility_rule_that_stops_everything_is_refused():
    with pytest.raises(InputError, match="above the efficacy bound at analysis 1"):
        jaksim.boundaries(information=[0.8, 1.0], spending="pocock", futility="z:3")


def test_nothing_is_left_to_an_analysis_after_all_information():
    planned = jaksim.boundaries(looks=3)
    with pytest.raises(InputError, match="no trial has this information"):
        at_information(planned, [0.3, 1.0, 1.5])

"""Levels recycled at the interim analysis at which a monitored hypothesis is rejected."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from jaksim.design.analyses.recycling import recycling
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.inference import repeated_p_value
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import HwangShihDeCani, ObrienFleming, Pocock

SCENARIO = Path(__file__).parents[3] / "scenarios" / "interims.toml"
TIMES = np.array([0.4, 0.7, 1.0])
LEVELS = np.array([[0.0, 0.0125], [0.00625, 0.025]])
IN_ORDER = (
    "multiplicity={procedure='fixed sequence', analyses=['well', 'mortality'], alpha=0.025}",
    "analysis.death={name='mortality', endpoint='death', method='risk_difference_mh', alpha=0.025, sides=1}",
)


@pytest.mark.parametrize("spending", [ObrienFleming(), Pocock(), HwangShihDeCani(-2.0)], ids=str)
def test_a_level_is_passed_where_the_repeated_p_value_is_at_most_that_level(spending):
    found = recycling(spending, TIMES, LEVELS, 1)
    assert found.levels.tolist() == [0.00625, 0.0125, 0.025]
    planned = boundaries_of(MonitoringPlan(information=tuple(TIMES), efficacy=spending, alpha=0.025))
    for look in (1, 2, 3):
        for z in (2.0, 2.2, 2.4, 2.7, 3.1, 3.6):
            repeated = repeated_p_value(planned, look, z)
            passed = found.levels[found.levels >= repeated]
            expected = passed[0] if len(passed) else 1.0
            (p,) = found.p_values(norm.sf([z]), np.array([look - 1]))
            assert p == pytest.approx(expected, rel=1e-9)
            assert p <= expected


def false_claims(nominal, correlation, drift, replicates=200_000):
    """Share of trials that reject a true second hypothesis once a monitored first one is rejected, and stop there."""
    draws = np.random.default_rng(3).standard_normal((2, replicates, 3)) * np.sqrt(np.diff(TIMES, prepend=0.0))
    first, second = draws.cumsum(axis=2) / np.sqrt(TIMES)
    second = correlation * first + np.sqrt(1.0 - correlation**2) * second
    bounds = boundaries_of(MonitoringPlan(information=tuple(TIMES), efficacy=ObrienFleming())).upper_z
    crossed = first + drift * np.sqrt(TIMES) > bounds
    look = np.argmax(crossed, axis=1)
    p = norm.sf(second[np.arange(replicates), look])
    return float((crossed.any(axis=1) & (p <= nominal[look])).mean())


def test_the_second_hypothesis_keeps_its_level_whatever_the_effect_on_the_first():
    nominal = recycling(Pocock(), TIMES, np.array([0.025]), 1).nominal[0]
    error = np.sqrt(0.025 * 0.975 / 200_000)
    for correlation in (0.0, 0.5, 1.0):
        for drift in (0.0, 2.0, 3.0, 4.0, 6.0):
            assert false_claims(nominal, correlation, drift) < 0.025 + 4.0 * error
    # All of the level where the trial ends is too much (Hung, Wang and O'Neill 2007).
    assert false_claims(np.full(3, 0.025), 1.0, 3.0) > 0.025 + 20.0 * error


def rejections(*changes):
    trial = load_scenario(SCENARIO, changes=(*IN_ORDER, *changes)).trial
    return trial, trial_power(trial, Settings(replicates=600, seed=9))


def test_a_trial_hands_its_level_on_in_parts():
    at_once, found = rejections()
    spread, spent = rejections("multiplicity.spending=obrien-fleming")
    assert spent.multiplicity.analyses[0].power == found.multiplicity.analyses[0].power
    assert spent.multiplicity.analyses[1].power < found.multiplicity.analyses[1].power
    assert len(spread.multiplicity.describe()) == len(at_once.multiplicity.describe()) + 1
    assert "Lan-DeMets" in spread.multiplicity.describe()[-1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ((*IN_ORDER, "multiplicity.spending=pocok"), "did you mean 'pocock'"),
        ((*IN_ORDER, "multiplicity.spending=user:0.01,0.02,0.025"), "a table has one level"),
        ((*IN_ORDER, "multiplicity.spending=haybittle-peto"), "a boundary, not a spending function"),
        ((*IN_ORDER, "multiplicity.spending=pocock", "monitoring={}"), "no interim analyses to spend over"),
        ((*IN_ORDER, "multiplicity.spending=pocock", "multiplicity.procedure=hochberg"), "has no levels to recycle"),
    ],
)
def test_what_cannot_be_spread_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        load_scenario(SCENARIO, changes=changes)

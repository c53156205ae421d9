"""Trials that are conducted, compared, predicted or tested by a procedure where one arm mostly has no event.

2 against 40 % events with 20 patients an arm: in two trials of three an odds ratio is infinite, and its test decides
all the same. Shares of rejections are held against the sum over all tables of the looks or stages, with the statistics
written here once more from the textbook. Patients come one in a hundred days, so that an analysis has the patients it
waits for and no others.
"""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, hypergeom, norm

import jaksim
from jaksim.design.prepared import Prepared
from jaksim.scenario import load_scenario

SCALE = Path(__file__).parents[1] / "scenarios" / "four.toml"
REPLICATES = 5_000
HALF = 10
SCENARIO = f"""
title = "Few events in one arm"
[disease]
scale = "{SCALE}"
[disease.natural_history]
source = "made for tests"
move = [{{ move = "2>1", values = [0.002] }}, {{ move = "2>3", values = [0.0] }}, {{ move = "3>4", values = [0.0] }}]
[disease.treatments.drug]
drug_class = "new"
effect = [{{ moves = "improvement", hazard_ratio = 25.3 }}]
[population]
patients = %d
[[population.stratum]]
name = "a"
weight = 1.0
baseline_score = 2
[follow_up]
days = 10
day_of_randomisation = 1
%s
[randomisation]
block_size = %d
[accrual]
rates = [0.01]
%s
[[endpoint]]
name = "well"
kind = "event_by_day"
set = "well"
day = 11
"""
ARM = '[[arm]]\nname = "{0}"\nregimen = [{1}]\n'
ANALYSIS = """
[[analysis]]
name = "{0}"
endpoint = "well"
method = "{1}"
active = "drug{2}"
reference = "control"
alpha = 0.025
sides = 1
role = "primary"
"""
INTERIM = '[monitoring]\nanalysis = "one"\n[[monitoring.interim]]\nwhen = "complete >= 50 %"\n'
ZONE = '[adaptation]\nkind = "promising-zone"\nanalysis = "one"\nmaximum = 60\nzone = 0.8999\ntarget = 0.9\n'
ZONE += 'stages = "cohorts"\n'
WAIT = 'interims = ["complete >= 50 %"]\n'
MANY = f'[adaptation]\nkind = "multi-arm-multi-stage"\n{WAIT}stop = "every arm"\n'
BAYES = f'[adaptation]\nkind = "bayesian-stopping"\n{WAIT}superiority = [0.975]\n'
TESTS = {"score": "risk_ratio_mn", "cmh": "odds_ratio_mh", "fisher": "exact_odds_ratio"}


@pytest.fixture
def scenario(tmp_path):
    """A scenario with this conduct and these tests, by the name of an analysis."""

    def made(conduct="", tests=(("one", "cmh"),), drugs=("",)):
        arms = ARM.format("control", "") + "reference = true\n"
        arms += "".join(ARM.format(f"drug{one}", '"drug"') for one in drugs)
        text = SCENARIO % (20 * (1 + len(drugs)), arms, 1 + len(drugs), conduct)
        for name, test in tests:
            for drug in drugs:
                text += ANALYSIS.format(f"{name}{drug}", TESTS[test], drug)
                text += 'options = { test = "cmh" }\n' if test == "cmh" else ""
        path = tmp_path / "few.toml"
        path.write_text(text)
        return load_scenario(path)

    return made


def statistic(test, x0, x1, n):
    """z of x0 and x1 events among n patients an arm, large where the second has more."""
    if test == "fisher":
        return norm.isf(np.minimum(hypergeom.sf(x1 - 1, 2 * n, x0 + x1, n), 1.0 - 1e-15))
    events = x0 + x1
    variance = n * n * events * (2 * n - events) / ((2 * n) ** 2 * (2 * n - 1.0))
    return np.divide(x1 - events / 2, np.sqrt(variance), out=np.full(x0.shape, -np.inf), where=variance > 0.0)


def enumerated(decide, found):
    """Chance that decide(x0, x1, y0, y1) holds: events of the first and of the second half of each arm."""
    chances = risks(found)
    x0, x1, y0, y1 = (np.array(one) for one in zip(*product(range(HALF + 1), repeat=4), strict=True))
    weight = math.prod(binom.pmf(x, HALF, p) for x, p in zip((x0, x1, y0, y1), (*chances, *chances), strict=True))
    return float(weight[decide(x0, x1, y0, y1)].sum())


def risks(scenario):
    laws = Prepared(scenario.trial, 1).cells.marginal_laws[0]
    endpoint = scenario.trial.endpoints[0]
    return tuple(laws[arm][endpoint.status == 1].sum() for arm in (0, 1))


def close(share, exact, replicates=REPLICATES):
    return abs(share - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / replicates)


def shares(scenario, number=0):
    found = jaksim.power(scenario, replicates=REPLICATES, seed=4)
    one = found.analyses[number]
    assert one.not_estimable > 0.5 * REPLICATES
    return one.power


@pytest.mark.parametrize("test", TESTS)
def test_interim_analyses_go_by_the_test(scenario, test):
    asked = scenario(INTERIM, (("one", test),))
    first, last = asked.trial.monitoring.boundaries.upper_z

    def rejects(x0, x1, y0, y1):
        return (statistic(test, x0, x1, HALF) > first) | (statistic(test, x0 + y0, x1 + y1, 2 * HALF) > last)

    exact = enumerated(rejects, asked)
    assert exact > 0.8
    assert close(shares(asked), exact)


@pytest.mark.parametrize("test", TESTS)
def test_stages_are_combined_by_the_test(scenario, test):
    asked = scenario(ZONE, (("one", test),))

    def rejects(x0, x1, y0, y1):
        stages = (statistic(test, x0, x1, HALF), statistic(test, y0, y1, HALF))
        return sum(stages) / math.sqrt(2.0) > norm.isf(0.025)

    exact = enumerated(rejects, asked)
    assert exact > 0.6
    assert close(shares(asked), exact)


@pytest.mark.parametrize("test", TESTS)
def test_arms_are_rejected_by_the_test(scenario, test):
    asked = scenario(MANY, (("one", test),), ("", " two"))
    first, last = asked.trial.adaptation.upper_z

    def rejects(x0, x1, y0, y1):
        return (statistic(test, x0, x1, HALF) > first) | (statistic(test, x0 + y0, x1 + y1, 2 * HALF) > last)

    exact = enumerated(rejects, asked)
    assert exact > 0.7
    for number in (0, 1):
        assert close(shares(asked, number), exact)


@pytest.mark.parametrize("prior", [None, 2.0])
def test_posteriors_go_by_the_test(scenario, prior):
    """With a prior, an infinite log odds ratio has the standard error of the table with half a patient more in each
    cell (Haldane 1956), and z of the data."""
    asked = scenario(BAYES + (f"prior_sd = {prior}\n" if prior else ""))

    def posterior(x0, x1, n):
        z = statistic("cmh", x0, x1, n)
        add = np.where((x0 == 0) | (x0 == n) | (x1 == 0) | (x1 == n), 0.5, 0.0)
        cells = [x0 + add, n - x0 + add, x1 + add, n - x1 + add]
        with np.errstate(divide="ignore"):
            variance = sum(1.0 / one for one in cells)
        return z / np.sqrt(1.0 + variance / prior**2) if prior else z

    def rejects(x0, x1, y0, y1):
        return np.maximum(posterior(x0, x1, HALF), posterior(x0 + y0, x1 + y1, 2 * HALF)) > norm.isf(0.025)

    exact = enumerated(rejects, asked)
    assert exact > 0.6
    assert close(shares(asked), exact)


def test_comparisons_predictions_and_procedures_go_by_the_test(scenario):
    both = (("one", "fisher"), ("two", "score"))
    asked = scenario("", both)
    z = {name: lambda x0, x1, y0, y1, t=test: statistic(t, x0 + y0, x1 + y1, 2 * HALF) for name, test in both}
    exact = {name: enumerated(lambda *x, of=of: of(*x) > norm.isf(0.025), asked) for name, of in z.items()}
    assert exact["one"] > 0.8

    compared = jaksim.compare(asked, asked, replicates=REPLICATES, seed=4)
    assert all(close(one.power_first, exact[one.first]) for one in compared.analyses)

    predicted = jaksim.predict(asked, draws=20, replicates=REPLICATES // 20, between_trial_sd=0.0, seed=4)
    for one in predicted.predictions:
        assert close(one.probability_of_success, exact[one.name])
        assert one.not_estimable > 0.5 * REPLICATES

    def holm(*x):
        small, large = np.sort(norm.sf([one(*x) for one in z.values()]), axis=0)
        return (small <= 0.0125) & (large <= 0.025)

    tested = load_scenario(asked.path, changes=("multiplicity.procedure=holm", "multiplicity.alpha=0.025"))
    found = jaksim.power(tested, replicates=REPLICATES, seed=4).multiplicity
    assert close(found.all_rejections.power, enumerated(holm, asked))

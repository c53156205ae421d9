"""Planned analyses that adjust: from an exact law by kinds of patients, and from patients one by one."""

import math

import numpy as np
import pytest

import jaksim
from jaksim.design.engine.individual import IndividualEngine
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

METHODS = {
    "cox": "time to death",
    "proportional_odds": "state",
    "odds_ratio": "death",
    "risk_difference": "death",
    "risk_ratio": "death",
    "mean_difference": "days alive",
}
ANALYSES = "".join(
    f'[[analysis]]\nendpoint = "{endpoint}"\nmethod = "{method}"\ncovariates = ["ill"]\n'
    for method, endpoint in METHODS.items()
)
SCENARIO = """
title = "Two kinds of patients"
[disease]
scale = "survival"
[disease.natural_history]
source = "made up"
[[disease.natural_history.move]]
move = "0>1"
values = [0.02]
[disease.treatments.drug]
source = "made up"
[[disease.treatments.drug.effect]]
moves = "death"
hazard_ratio = 0.6
[[disease.covariate]]
covariate = "ill"
moves = "death"
log_hazard_ratio = 1.0
[population]
patients = 240
{population}
[follow_up]
days = 28
day_of_randomisation = 0
[[arm]]
name = "control"
regimen = []
reference = true
[[arm]]
name = "drug"
regimen = ["drug"]
[[endpoint]]
name = "time to death"
kind = "time_to_event"
set = "dead"
day = 28
[[endpoint]]
name = "state"
kind = "score_on_day"
day = 14
[[endpoint]]
name = "death"
kind = "event_by_day"
set = "dead"
day = 28
[[endpoint]]
name = "days alive"
kind = "free_days"
set = "alive"
day = 28
"""
KINDS = """
[[population.stratum]]
name = "first"
weight = 0.6
mixture = [
    { weight = 0.5, baseline_score = 0, covariates = { ill = 0 } },
    { weight = 0.5, baseline_score = 0, covariates = { ill = 2 } },
]
[[population.stratum]]
name = "second"
weight = 0.4
mixture = [
    { weight = 0.3, baseline_score = 0, covariates = { ill = 0 } },
    { weight = 0.7, baseline_score = 0, covariates = { ill = 1 } },
]
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    def loaded(analyses=ANALYSES, population=KINDS):
        path = tmp_path_factory.mktemp("adjusted") / "scenario.toml"
        path.write_text(SCENARIO.replace("{population}", population) + analyses, "utf-8")
        return load_scenario(path)

    return loaded


@pytest.fixture(scope="module")
def asked(scenario):
    return scenario()


@pytest.fixture(scope="module")
def trial(asked):
    return asked.trial


def test_each_has_its_twin_on_the_same_patients(trial):
    adjusted = [plan for plan in trial.analyses if plan.adjustment is not None]
    assert [plan.method for plan in adjusted] == list(METHODS)
    assert len(trial.analyses) == 2 * len(METHODS)


def test_both_doors_have_the_same_power(asked):
    found = [
        jaksim.power(asked, replicates=600, seed=seed, engine=engine) for seed, engine in ((1, "law"), (2, "path"))
    ]
    assert found[1].engine == "path"
    for law, path in zip(*(result.analyses for result in found), strict=True):
        assert abs(law.power - path.power) < 4.0 * math.hypot(law.mc_se, path.mc_se), law.name
        error = math.hypot(law.mean_estimate_mc_se, path.mean_estimate_mc_se)
        assert abs(law.mean_estimate - path.mean_estimate) < 4.0 * error, law.name


def test_a_planned_analysis_is_that_of_the_same_patients_as_data(trial):
    prepared = Prepared(trial, 3, "path")
    engine = prepared.design.engine
    assert isinstance(engine, IndividualEngine)
    patients, results = engine.patients(5, 1), prepared.block(5, 1).results
    for test, found in zip(prepared.tests, results, strict=True):
        if test.by_patient is None:
            continue
        category = patients.category[test.by_patient.number]
        columns = {
            "arm": np.array(["control", "drug"])[patients.arm],
            "ill": patients.covariates[:, patients.names.index("ill")],
            "stratum": patients.stratum,
            **outcome(test.endpoint, category),
        }
        one = jaksim.analyze(
            columns, methods=[test.plan.method], reference="control", arm="arm", stratum="stratum",
            covariates=["ill"], **{name: name for name in outcome(test.endpoint, category)},
            **({"better": "lower"} if "score" in columns else {}),
        ).analyses[0].result  # fmt: skip
        assert found[0, :2] == pytest.approx([one.estimate, one.se], rel=1e-8), test.plan.method


def outcome(endpoint, category):
    if endpoint.kind == "time_to_event":
        return {"time": endpoint.time[category], "status": endpoint.status[category]}
    if endpoint.kind == "binary":
        return {"event": (endpoint.status[category] == 1).astype(int)}
    if endpoint.kind == "day_count":
        return {"days": endpoint.value[category]}
    return {"score": endpoint.rank[category]}


def test_replicates_do_not_depend_on_blocks(trial):
    for engine in ("law", "path"):
        prepared = Prepared(trial, 4, engine)
        whole, parts = prepared.block(0, 6), [prepared.block(first, 3) for first in (0, 3)]
        for number, found in enumerate(whole.results):
            assert np.array_equal(found, np.concatenate([part.results[number] for part in parts]), equal_nan=True)


def test_an_analysis_cannot_adjust_for_a_frailty(scenario):
    frailty = '[[population.frailty]]\nvariance = 0.5\nmoves = "death"\n'
    analysis = '[[analysis]]\nendpoint = "time to death"\nmethod = "cox"\ncovariates = ["frailty"]\n'
    plain = '[[population.stratum]]\nname = "all"\nbaseline_score = 0\ncovariates = { ill = 1 }\n'
    with pytest.raises(InputError, match=r"nobody measures.*allowed: ill, baseline_score$"):
        scenario(analysis, plain + frailty)


def test_what_is_no_covariate_is_refused(scenario):
    with pytest.raises(InputError, match=r"no such covariate.*did you mean 'ill'"):
        scenario(ANALYSES.replace('"ill"', '"il"', 1))
    with pytest.raises(InputError, match="'log_rank' takes no covariates"):
        scenario(ANALYSES.replace("cox", "log_rank", 1))
    with pytest.raises(InputError, match="no option 'strata'"):
        scenario(ANALYSES + '[analysis.options]\nstrata = "ancova"\n')
    with pytest.raises(InputError, match="an analysis that adjusts"):
        scenario('[[analysis]]\nendpoint = "death"\nmethod = "odds_ratio"\nrobust = true\n')


def test_strata_alone_can_be_adjusted_for(scenario):
    text = '[[analysis]]\nendpoint = "death"\nmethod = "odds_ratio"\nadjust_strata = true\nunadjusted = false\n'
    (plan,) = scenario(text).trial.analyses
    assert plan.adjustment.covariates == ()
    result = jaksim.power(scenario(text), replicates=50, seed=1)
    assert result.analyses[0].estimand.endswith("adjusted for stratum; conditional on them")
    assert result.gains == ()


def test_an_estimand_is_marginal_or_conditional(asked):
    analyses = jaksim.power(asked, replicates=2, seed=1).analyses
    words = {one.method: one for one in analyses if one.adjusts}
    assert words["risk_difference"].estimand.endswith("; marginal")
    assert words["cox"].estimand.endswith("; conditional on them")
    assert words["cox"].adjusts == "ill, stratum"


def test_the_patients_of_a_trial_give_its_results_by_the_scenario(asked, tmp_path):
    patients = jaksim.simulate_trial(asked, seed=3, replicate=5).to_pandas()
    assert set(patients["ill"]) == {0, 1, 2}
    prepared = Prepared(asked.trial, 3, "path")
    found = jaksim.analyze(patients, scenario=asked).analyses
    for one, test, own in zip(found, prepared.tests, prepared.block(5, 1).results, strict=True):
        assert one.planned["analysis"] == test.plan.name
        assert one.result.estimate == pytest.approx(own[0, 0], rel=1e-8)
    with pytest.raises(InputError, match="'ill'"):
        jaksim.analyze(patients.drop(columns="ill"), scenario=asked)

"""Planned analyses of data that have endpoints in columns of their own: directions are those of the plan."""

import pytest

import jaksim

SCENARIO = "actt4-interims"
ENDPOINTS = ["time to recovery", "ventilation or death", "score on day 15", "ventilator-free days", "death"]


@pytest.fixture(scope="module")
def patients():
    columns = jaksim.simulate_trial(SCENARIO, replicate=5).columns()
    own = {name: values for name, values in columns.items() if not name.startswith("score_day")}
    return columns, own


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_good_is_that_of_the_plan(patients, endpoint):
    scores, own = (jaksim.analyze(data, scenario=SCENARIO, endpoint=endpoint).analyses for data in patients)
    for one, other in zip(scores, own, strict=True):
        assert other.result.statistic == pytest.approx(one.result.statistic, abs=1e-9)
        good = [str(answer.data.endpoint.better).removesuffix(" value") for answer in (one, other)]
        assert good[0] == good[1]
        assert other.planned["significant"] == one.planned["significant"]

"""The first-order Markov model against rms::lrm, rms::robcov and Hmisc::soprobMarkovOrdm; numbers of make_markov.R."""

import csv
from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis.longitudinal.markov_model import fit_model
from jaksim.analysis.longitudinal.markov_occupancy import occupation
from jaksim.analysis.longitudinal.methods.markov_proportional_odds import METHOD, fit_counts
from jaksim.endpoint import build_endpoint
from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question
from jaksim.scale import OrdinalScale

HERE = Path(__file__).parent
LAST = 14
SCALE = OrdinalScale(
    name="five", scores=(1, 2, 3, 4, 5), labels=("a", "b", "c", "d", "e"), higher_is_worse=True, absorbing=(5,)
)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open() as file:
        return list(csv.DictReader(file))


PATIENTS = rows("markov_data.csv")
EXPECTED = rows("markov_expected.csv")


def daily_table(case: str) -> tuple[object, np.ndarray]:
    """The endpoint, and the table (2, 2, K) of its transitions, patients counted one by one."""
    endpoint = build_endpoint({"name": "daily", "kind": "longitudinal"}, SCALE, LAST)
    table = np.zeros((2, 2, LAST, 5, 5))
    for patient in PATIENTS:
        if patient["case"] == case:
            scores = [int(patient[f"score_day_{day}"]) for day in range(LAST + 1)]
            place = int(patient["arm"] == "active"), int(patient["stratum"] == "south")
            for day in range(LAST):
                table[(*place, day, scores[day] - 1, scores[day + 1] - 1)] += 1.0
    return endpoint, table.reshape(2, 2, -1)


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row['case']}-{row['trend']}-{row['stratified']}")
def test_log_odds_ratio_and_standard_error_equal_those_of_lrm(row):
    endpoint, table = daily_table(row["case"])
    found = np.empty((1, 3))
    METHOD.evaluate(table[None], endpoint, {"day": row["trend"], "stratified": row["stratified"] == "TRUE"}, found)
    assert found[0, :2] == pytest.approx([float(row["estimate"]), float(row["se"])], abs=1e-9)
    assert found[0, 2] == pytest.approx(float(row["estimate"]) / float(row["se"]), abs=1e-7)


def test_categories_of_paths_are_the_transitions_counted_one_by_one():
    endpoint, table = daily_table("strong")
    chosen = [patient for patient in PATIENTS if patient["case"] == "strong"]
    states = np.array([[int(one[f"score_day_{day}"]) - 1 for day in range(LAST + 1)] for one in chosen])
    counts = np.bincount(endpoint.transitions.categories_of(states).ravel(), minlength=endpoint.n_categories)
    assert np.array_equal(counts, table.sum(axis=(0, 1)))


def test_a_block_of_tables_gives_each_its_own_fit():
    endpoint, strong = daily_table("strong")
    _, none = daily_table("none")
    found, _ = fit_counts(np.stack([strong, none]), endpoint.transitions, day="linear", stratified=True)
    alone = [fit_counts(one[None], endpoint.transitions, day="linear", stratified=True)[0][0] for one in (strong, none)]
    assert np.array_equal(found, alone)


def analysed(case: str, **options):
    question = Question(scale=SCALE, endpoint={"kind": "longitudinal", "days_in": [1, 2]}, first_day=0)
    data = {key: [one[key] for one in PATIENTS if one["case"] == case] for key in PATIENTS[0]}
    texts = [f"{key}={value}" for key, value in options.items()]
    return analyze(data, methods=["markov_proportional_odds"], question=question, options=texts).analyses[0]


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row['case']}-{row['trend']}-{row['stratified']}")
def test_standard_error_robust_by_patient_equals_robcov(row):
    options = {"day": row["trend"], "stratified": row["stratified"].lower()}
    found = analysed(row["case"], variance="robust", **options)
    assert found.result.se == pytest.approx(float(row["robust"]), abs=1e-9)
    assert found.result.estimate == pytest.approx(float(row["estimate"]), abs=1e-9)
    model = analysed(row["case"], **options)
    assert model.result.se == pytest.approx(float(row["se"]), abs=1e-9)
    assert model.result.n == sum(one["case"] == row["case"] for one in PATIENTS)


@pytest.mark.parametrize("trend", ["none", "linear", "spline"])
@pytest.mark.parametrize("case", ["strong", "none"])
def test_state_occupation_equals_soprobMarkovOrdm(case, trend):
    endpoint, table = daily_table(case)
    model = fit_model(table, endpoint.transitions, day=trend, stratified=False)
    wanted = [row for row in rows("markov_occupancy_expected.csv") if (row["case"], row["trend"]) == (case, trend)]
    assert len(wanted) == 2 * 3 * LAST * 5
    found = {
        (arm, before): occupation(model, model.parameters, np.eye(5)[before - 1], arm, 0)
        for arm in (0, 1)
        for before in (2, 3, 4)
    }
    for row in wanted:
        share = found[int(row["active"]), int(row["before"])][int(row["day"]), int(row["score"]) - 1]
        assert share == pytest.approx(float(row["probability"]), abs=1e-8)


def test_mean_days_are_the_standardised_occupation_summed():
    found = analysed("strong").days
    expected = rows("markov_occupancy_expected.csv")
    wanted = [row for row in expected if (row["case"], row["trend"]) == ("strong", "linear")]
    baseline = np.bincount([int(one["score_day_0"]) for one in PATIENTS if one["case"] == "strong"], minlength=6)
    for arm in (0, 1):
        days = sum(
            float(row["probability"]) * baseline[int(row["before"])]
            for row in wanted
            if int(row["active"]) == arm and int(row["score"]) in (1, 2)
        )
        assert found.days[arm] == pytest.approx(days / baseline.sum(), abs=1e-7)
    assert found.difference == pytest.approx(found.days[1] - found.days[0])
    assert found.occupation.sum(axis=2) == pytest.approx(np.ones((2, LAST + 1)), abs=1e-12)

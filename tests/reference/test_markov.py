"""The first-order Markov model against rms::lrm, rms::robcov and Hmisc::soprobMarkovOrdm; numbers of make_markov.R."""

import csv
from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis.markov_proportional_odds import METHOD, fit_counts
from jaksim.endpoint import build_endpoint
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

"""Patients who are associated, excluded, dosed, or rows of a table: those drawn one by one against the exact law."""

import numpy as np
import pytest
from scipy import stats

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.individual import IndividualEngine
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

PATIENTS = 30_000
DEATHS = {"moves": "death", "log_hazard_ratio": 0.6}


@pytest.fixture(scope="module", params=["laws", "table"])
def drawn(request, tmp_path_factory):
    """Cells, and patients who are drawn: by laws with an association and criteria, or as rows of a table."""
    folder = tmp_path_factory.mktemp("patients")
    rows = [f"{40 + 3 * row},{(row * 7) % 3},{20 + (row * 37) % 90},{1 + row % 4}" for row in range(12)]
    (folder / "patients.csv").write_text("\n".join(["age,marker,egfr,n", *rows]) + "\n")
    document = read_document("actt2")
    for name in ("monitoring", "accrual"):
        document.pop(name, None)
    people = {
        "characteristic": [
            {"name": "age", "law": "normal", "mean": 57.0, "sd": 14.0},
            {"name": "egfr", "median": 80.0, "quartiles": [58.0, 104.0]},
            {"name": "male", "share": 0.6},
            {"name": "marker", "values": [0, 1, 2], "shares": [50, 30, 20]},
        ],
        "correlation": [{"pair": ["age", "egfr"], "value": -0.5}],
        "association": [{"pair": ["male", "marker"], "odds_ratio": 2.0}],
    }
    table = {"table": {"file": "patients.csv", "columns": ["age", "marker", "egfr"], "weight": "n"}}
    own = people if request.param == "laws" else table
    document["population"] = {**document["population"], **own, "patients": PATIENTS}
    document["eligibility"] = [
        {"characteristic": "age", "at_least": 45, "at_most": 75},
        {"characteristic": "egfr", "at_least": 30},
    ]
    document["dose"] = [{"treatment": "baricitinib", "characteristic": "egfr", "cuts": [60], "doses": [2, 4]}]
    document["disease"] = {
        **document["disease"],
        "covariate": [
            {"covariate": "age", "centre": 57, "per": 10, **DEATHS},
            {"covariate": "marker", "moves": "improvement", "log_hazard_ratio": -0.3},
        ],
    }
    cells = Cells(scenario_of(document, str(folder / "trial.toml")).trial)
    return cells, IndividualEngine(cells, 11).patients(0, 1), request.param


def column(patients, name):
    return patients.covariates[:, patients.names.index(name)]


def test_patients_meet_the_criteria(drawn):
    _, patients, _ = drawn
    age, egfr = column(patients, "age"), column(patients, "egfr")
    assert 45.0 <= age.min() < 47.0
    assert 72.0 < age.max() <= 75.0
    assert 30.0 <= egfr.min() < 60.0


def test_their_values_go_together_as_said(drawn):
    _, patients, kind = drawn
    marker = column(patients, "marker")
    if kind == "laws":
        table = np.zeros((2, 3))
        np.add.at(table, (column(patients, "male").astype(int), marker.astype(int)), 1.0)
        for left in (0, 1):
            four = table[:, left : left + 2]
            log_odds_ratio = np.log(four[0, 0] * four[1, 1] / (four[0, 1] * four[1, 0]))
            assert abs(log_odds_ratio - np.log(2.0)) < 4.0 * np.sqrt((1.0 / four).sum())
        shares = np.bincount(marker.astype(int)) / len(marker)
        assert shares == pytest.approx([0.5, 0.3, 0.2], abs=4 * np.sqrt(0.25 / len(marker)))
        return
    rows = [(40 + 3 * row, (row * 7) % 3, 20 + (row * 37) % 90, 1 + row % 4) for row in range(12)]
    allowed = {row[:3]: row[3] for row in rows if 45 <= row[0] <= 75 and row[2] >= 30}
    seen, counts = np.unique(patients.covariates, axis=0, return_counts=True)
    order = [patients.names.index(name) for name in ("age", "marker", "egfr")]
    found = {tuple(row[order].astype(int).tolist()): count for row, count in zip(seen, counts, strict=True)}
    assert set(found) == set(allowed)
    expected = np.array([allowed[row] for row in found]) / sum(allowed.values()) * len(marker)
    assert stats.chisquare(list(found.values()), expected).pvalue > 1e-4


def test_what_comes_of_them_has_the_exact_law(drawn):
    """Counts of each category of each endpoint, in each arm and stratum, within four standard errors."""
    cells, patients, _ = drawn
    cell = patients.arm.astype(int) * cells.n_strata + patients.stratum
    for law, category in zip(cells.marginal_laws, patients.category, strict=True):
        for number in range(len(cells)):
            inside = category[cell == number]
            expected = law[number] * len(inside)
            counts = np.bincount(inside, minlength=law.shape[1])
            enough = expected > 5.0
            error = np.sqrt(expected * (1.0 - law[number]))
            assert np.all(np.abs(counts - expected)[enough] < 4.5 * error[enough])
            assert counts[law[number] == 0.0].sum() == 0

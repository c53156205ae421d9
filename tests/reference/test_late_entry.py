"""Patients who enter late, or have several rows, against R's survival on rows (start, stop] (make_late_entry.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.errors import InputError

HERE = Path(__file__).parent
SEVERAL = pd.read_csv(HERE / "late_entry_data.csv")
DATA = SEVERAL.drop_duplicates("patient")
UNTIED = pd.read_csv(HERE / "late_entry_untied_data.csv")
EXPECTED = pd.read_csv(HERE / "late_entry_expected.csv").set_index(["case", "quantity"]).value


def one(data, method, **words):
    words = {"stratified": False, "entry": "entry", "reference": "placebo", **words}
    return jaksim.analyze(data, method=method, **words).analyses[0]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("cox", {}),
        ("cox_stratified", {"stratified": True}),
        ("cox_age", {"stratified": True, "covariates": ["age"]}),
        ("cox_robust", {"robust": True}),
    ],
)
def test_cox(case, ties, words):
    found = one(DATA, "cox", ties=ties, **words)
    expected = EXPECTED[f"{case}_{ties}"]
    assert (found.result.estimate, found.result.se) == pytest.approx((expected["estimate"], expected["se"]), rel=2e-6)
    if "age" in expected:
        age = found.fit.coefficients[1]
        assert (age.estimate, age.se) == pytest.approx((expected["age"], expected["age_se"]), rel=2e-6)
    assert found.result.n == len(DATA)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_several_rows_of_a_patient(ties):
    """Rows (start, stop] of one patient, with an error that is robust by patient."""
    found = one(SEVERAL, "cox", ties=ties, covariates=["age"], cluster="patient")
    expected = EXPECTED[f"cox_several_{ties}"]
    assert (found.result.estimate, found.result.se) == pytest.approx((expected["estimate"], expected["se"]), rel=2e-6)
    with pytest.raises(InputError, match=r'several rows.*cluster="patient".*ignore="patient"'):
        one(SEVERAL, "cox")
    with pytest.raises(InputError, match="method log_rank takes every row for a patient"):
        jaksim.analyze(SEVERAL, methods=["cox", "log_rank"], entry="entry", cluster="patient")


@pytest.mark.parametrize("stratified", [False, True])
def test_log_rank(stratified):
    found = one(UNTIED, "log_rank", stratified=stratified)
    expected = EXPECTED["log_rank_stratified" if stratified else "log_rank", "chi_squared"]
    assert found.result.statistic**2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("rho", "gamma"), [(1, 0), (0, 1), (0, 0)])
def test_weighted_log_rank(rho, gamma):
    options = {"rho": rho, "gamma": gamma}
    found = one(DATA, "weighted_log_rank", options=options)
    assert found.result.statistic == pytest.approx(EXPECTED[f"weighted_{rho}{gamma}", "z"], rel=1e-9)
    if (rho, gamma) == (0, 0):
        assert one(DATA, "log_rank").result.statistic == pytest.approx(EXPECTED["weighted_00", "z"], rel=1e-9)


def test_max_combo_is_the_largest_of_its_statistics():
    found = one(DATA, "max_combo", options={"weights": [[1, 0]]})
    assert found.result.statistic == pytest.approx(EXPECTED["weighted_10", "z"], rel=1e-4)


def test_curves():
    found = one(DATA, "kaplan_meier_difference", options={"day": 10})
    expected = EXPECTED["km_10"]
    assert found.result.estimate == pytest.approx(expected["free_placebo"] - expected["free_drug"], rel=1e-9)
    assert found.result.se == pytest.approx(np.hypot(expected["se_placebo"], expected["se_drug"]), rel=1e-9)
    placebo, drug = found.landmark.arms
    assert (1 - placebo.probability, placebo.se) == pytest.approx((expected["free_placebo"], expected["se_placebo"]))
    assert (1 - drug.probability, drug.se) == pytest.approx((expected["free_drug"], expected["se_drug"]))
    table = jaksim.analyze(DATA, method="cox", entry="entry", reference="placebo").as_dict()["endpoints"][0]
    medians = [arm["median_time"] for arm in table["arms"]]
    assert medians == [EXPECTED["km", "median_placebo"], EXPECTED["km", "median_drug"]]
    assert table["late_entries"] == int((DATA.entry > 0).sum())


def test_restricted_means():
    found = one(DATA, "rmst_difference", options={"tau": 20})
    expected = EXPECTED["rmst_20"]
    assert found.result.estimate == pytest.approx(expected["drug"] - expected["placebo"], rel=1e-6)
    assert found.result.se == pytest.approx(np.hypot(expected["se_placebo"], expected["se_drug"]), rel=1e-6)


def test_strata_keep_their_patients():
    """An average over strata weighs by patients, not by those at risk at the start."""
    parts = [one(DATA[DATA.stratum == s], "kaplan_meier_difference", options={"day": 12}).result for s in "abc"]
    sizes = np.array([(DATA.stratum == s).sum() for s in "abc"])
    found = one(DATA, "kaplan_meier_difference", stratified=True, options={"day": 12}).result
    assert found.estimate == pytest.approx(np.average([part.estimate for part in parts], weights=sizes), rel=1e-12)


@pytest.mark.parametrize("method", ["gray", "fine_gray", "cumulative_incidence_difference"])
def test_methods_without_late_entry_refuse_it(method):
    with pytest.raises(InputError, match="takes no late entries"):
        one(DATA, method)


def test_what_cannot_be_an_entry():
    with pytest.raises(InputError, match=r"row 1 enters at or after its time"):
        one(DATA.assign(entry=DATA.time), "cox")
    with pytest.raises(InputError, match="takes no late entries"):
        one(DATA.assign(age=60 + DATA.age), "rmst_difference", covariates=["age"])
    with pytest.raises(InputError, match="distribution"):
        one(DATA, "log_rank", options={"distribution": "permutation"})
    with pytest.raises(InputError, match=r'entry="entry"; ignore="entry"'):
        jaksim.analyze(DATA, method="cox")
    plain = jaksim.analyze(DATA, method="cox", ignore=["entry"]).analyses[0].result
    assert plain.estimate == jaksim.analyze(DATA.drop(columns="entry"), method="cox").analyses[0].result.estimate


def test_entries_and_times_that_differ_by_rounding():
    """An entry at 0.1 + 0.2 is one at 0.3: not at risk for an event at 0.3."""
    tenths = DATA.assign(time=DATA.time / 10, entry=DATA.entry / 10)
    near = DATA.assign(time=DATA.time / 10, entry=DATA.entry * 0.1)
    assert (near.entry != tenths.entry).any()
    for words in ({}, {"covariates": ["age"]}):
        whole = one(DATA, "cox", **words).result.estimate
        assert one(tenths, "cox", **words).result.estimate == pytest.approx(whole, rel=1e-9)
        assert one(near, "cox", **words).result.estimate == pytest.approx(whole, rel=1e-9)

"""Restricted means adjusted for covariates from the command line."""

import json
import math
from importlib import resources

import pytest


@pytest.fixture
def pbc(tmp_path):
    text = (resources.files("jaksim.verification") / "data" / "pbc.csv").read_text("utf-8")
    path = tmp_path / "pbc.csv"
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("#")), encoding="utf-8")
    return str(path)


ASK = ("--method", "rmst_difference", "--option", "tau=3652.5", "--covariate", "age")


def test_coefficients_are_those_of_survrm2(jaksim, pbc):
    """cran/survRM2 044089f, inst/doc/survRM2-vignette3-2.html, in years."""
    outcome = jaksim("analyze", pbc, *ASK, "--covariate", "bili", "--covariate", "albumin", "--json")
    (result,) = json.loads(outcome.out)["results"]
    found = [one["estimate"] / 365.25 for one in result["coefficients"]]
    assert found == pytest.approx([-0.210, -0.069, -0.325, 2.550, 2.743], abs=5e-4)
    assert [one["se"] / 365.25 for one in result["coefficients"]] == pytest.approx(
        [0.343, 0.018, 0.039, 0.472, 2.134], abs=5e-4
    )
    assert (result["ratio"], result["estimate"]) == (None, result["coefficients"][0]["estimate"])


def test_a_margin_is_tested_with_the_adjusted_standard_error(jaksim, pbc):
    extra = ("--hypothesis", "non-inferiority", "--margin", "-300", "--json")
    (result,) = json.loads(jaksim("analyze", pbc, *ASK, *extra).out)["results"]
    assert math.isclose(result["margin_statistic"], (result["estimate"] + 300.0) / result["se"], rel_tol=1e-9)


def test_the_table_shows_differences(jaksim, pbc):
    text = jaksim("analyze", pbc, *ASK).out
    assert "differences for one unit more" in text
    assert "adjusted for age" in text


@pytest.mark.parametrize("words", [("--option", "tau=9000"), ("--option", "tau=3652.5", "--robust")])
def test_what_it_cannot_do_is_refused(refused, pbc, words):
    refused("analyze", pbc, "--method", "rmst_difference", "--covariate", "age", *words)

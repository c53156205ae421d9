"""Win probabilities adjusted for covariates from the command line."""

import json
import math
from importlib import resources

import pytest


@pytest.fixture
def khce(tmp_path):
    text = (resources.files("jaksim.verification") / "data" / "khce.csv").read_text("utf-8")
    path = tmp_path / "khce.csv"
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("#")), encoding="utf-8")
    return str(path)


ASK = ("--method", "wilcoxon", "--active", "A", "--score", "value", "--better", "higher", "--covariate", "egfr")


def test_it_is_that_of_sanon(jaksim, khce):
    """cran/hce 3715993, tests/validate.R: SAS and sanon, whose variances divide by n and are times N/(N - 1)."""
    (result,) = json.loads(jaksim("analyze", khce, *ASK, "--json").out)["results"]
    assert result["estimate"] == pytest.approx(0.569107747079, abs=1e-10)
    as_sanon = math.sqrt((749 / 750) * (1500 / 1499))
    assert result["se"] * as_sanon == pytest.approx(0.0147476911574, abs=1e-10)
    assert result["estimand"].endswith("adjusted for egfr")
    assert "coefficients" not in result


def test_a_margin_is_tested_with_the_adjusted_standard_error(jaksim, khce):
    extra = ("--hypothesis", "non-inferiority", "--margin", "0.45", "--json")
    (result,) = json.loads(jaksim("analyze", khce, *ASK, *extra).out)["results"]
    assert result["margin_statistic"] == pytest.approx((result["estimate"] - 0.45) / result["se"], rel=1e-9)


def test_the_report_says_so(jaksim, khce):
    assert "adjusted for egfr" in " ".join(jaksim("analyze", khce, *ASK).out.split())


@pytest.mark.parametrize("words", [("--option", "variance=unbiased"), ("--robust",)])
def test_what_it_cannot_do_is_refused(refused, khce, words):
    refused("analyze", khce, *ASK, *words)

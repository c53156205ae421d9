"""jaksim analyze on side-by-side comparisons of a factorial trial and on daily scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
FACTORIAL = ROOT / "scenarios" / "factorial.toml"


@pytest.fixture
def factorial(jaksim, tmp_path):
    """Data of one simulated factorial trial."""
    path = tmp_path / "factorial.csv"
    outcome = jaksim("simulate", str(FACTORIAL), "--seed", "5", "--out", str(path))
    assert outcome.code == 0, outcome.err
    return path


def test_a_main_effect_is_the_comparison_of_merged_arms_in_strata_of_their_partners(jaksim, factorial, tmp_path):
    planned = jaksim("analyze", str(factorial), "--scenario", str(FACTORIAL), "--json").json["results"]
    frame = pd.read_csv(factorial)
    with_dexamethasone = frame["arm"].isin(["dexamethasone", "both"])
    frame["stratum"] = np.where(with_dexamethasone, "yes ", "no ") + frame["stratum"]
    frame["arm"] = np.where(frame["arm"].isin(["baricitinib", "both"]), "baricitinib", "placebo")
    merged = tmp_path / "merged.csv"
    frame.to_csv(merged, index=False)
    for position, endpoint, method in (
        (0, "time to recovery", "log_rank"),
        (2, "score on day 15", "proportional_odds"),
        (4, "death", "risk_difference_mh"),
    ):
        (alone,) = jaksim("analyze", str(merged), "--endpoint", endpoint, "--method", method, "--json").json["results"]
        assert planned[position]["method"] == method
        assert planned[position]["active"] == "baricitinib and both"
        for key in ("estimate", "se", "statistic"):
            assert planned[position][key] == pytest.approx(alone[key], rel=1e-9), (method, key)


def test_the_report_tells_rows_of_one_method_apart_by_their_arms(jaksim, factorial):
    words = " ".join(jaksim("analyze", str(factorial), "--scenario", str(FACTORIAL)).out.split())
    assert "dexamethasone and both against" in words
    assert "baricitinib and both against" in words


def test_daily_scores_on_the_command_line(jaksim, tmp_path):
    path = tmp_path / "patients.csv"
    assert jaksim("simulate", str(ROOT / "scenarios" / "actt2.toml"), "--seed", "2", "--out", str(path)).code == 0
    words = ["--scale", "niaid-8", "--endpoint", "kind=longitudinal", "--endpoint", "days_in=recovered"]
    asked = ["analyze", str(path), *words, "--method", "markov_proportional_odds", "--robust"]
    (result,) = jaksim(*asked, "--json").json["results"]
    assert result["ratio"] == pytest.approx(np.exp(result["estimate"]), rel=1e-12)
    assert result["options"]["variance"] == "robust"
    days = result["mean_days"]
    assert days["difference"] == pytest.approx(days["active"] - days["reference"], rel=1e-9)
    assert days["ci"][0] < days["difference"] < days["ci"][1]
    assert 0.0 < days["reference"] < 28.0
    report = jaksim(*asked).out
    assert "Markov model" in report
    assert "False" not in report

"""jaksim predict and reproduce at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jaksim.cli import run

SCENARIO = str(Path(__file__).parents[2] / "scenarios" / "actt4.toml")


def test_predict_gives_intervals_and_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", SCENARIO, "--draws", "20", "--replicates", "20", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"predictions", "between_trial_sd", "provenance"} <= set(document)
    for one in document["predictions"]:
        inner, middle, outer = (one["intervals"][level] for level in ("50", "80", "95"))
        assert outer[0] <= middle[0] <= inner[0] <= inner[1] <= middle[1] <= outer[1]
        assert 0 <= one["probability_of_success"] <= 1
        assert sum(one["variance"].values()) == pytest.approx(1.0)
        assert one["sd"] ** 2 == pytest.approx(one["parameter_sd"] ** 2 + one["sampling_sd"] ** 2)


def test_predict_prints_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", SCENARIO, "--draws", "20", "--replicates", "10"]) == 0
    text = capsys.readouterr().out
    # The main answer comes first.
    assert text.split("\n\n")[1].strip().startswith("ventilation or death, stratified risk difference: ")
    assert "PREDICTED ESTIMATES" in text
    assert "WHERE THE UNCERTAINTY COMES FROM" in text
    assert "PROBABILITY OF SUCCESS" in text


def test_predict_refuses_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "nowhere.toml", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nowhere.toml" in captured.err


def test_reproduce_places_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproduce", "recovery-dexamethasone", "--replicates", "2000", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    figures = {one["id"]: one for one in document["figures"]}
    oxygen = figures["mortality_rate_ratio_day28.oxygen"]
    assert oxygen["reported"] == 0.82
    assert 0.05 < oxygen["percentile"] < 0.95
    # The published interval 0.72 to 0.94 and the spread of simulated estimates tell of the same precision.
    assert oxygen["sd"] == pytest.approx((0.94 - 0.72) / (2 * 1.96), rel=0.15)


def test_reproduce_names_the_nearest_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproduce", "actt2"]) == 2
    assert "actt-2" in capsys.readouterr().err


def test_reproduce_refuses_the_parameters_of_another_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproduce", "actt-2", "--parameters", "recovery-dexamethasone"]) == 2
    assert "another model" in capsys.readouterr().err


def test_backtests_of_all_outcomes_come_together(capsys: pytest.CaptureFixture[str]) -> None:
    from jaksim.calibration.backtest import backtest_ids

    assert run(["backtest", "all", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert tuple(document["outcomes"]) == backtest_ids()
    inside = sum(
        one["intervals"]["95"][0] <= one["reported"] <= one["intervals"]["95"][1]
        for outcome in document["outcomes"].values()
        for one in outcome["trials"]
    )
    assert document["trial_outcomes"] == sum(len(one["trials"]) for one in document["outcomes"].values())
    assert document["coverage"]["95"] == pytest.approx(inside / document["trial_outcomes"])
    assert run(["backtest", "all"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name} " in text for name in (*backtest_ids(), "all"))


def test_backtest_scores_eleven_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"study", "reported", "mean", "intervals", "pit"} <= set(document["trials"][0])
    assert set(document["coverage"]) == {"50", "80", "95"}
    assert run(["backtest"]) == 0
    assert "PIT" in capsys.readouterr().out


def test_differences_between_trials_are_given_by_kind_of_effect(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["predict", SCENARIO, "--draws", "20", "--replicates", "10", "--json"]
    assert run([*words, "--between-trial-sd", "improvement=0.1,death=0.2"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["between_trial_sd"]["baricitinib"] == {"improvement": 0.1, "deterioration": 0.0, "death": 0.2}
    assert "--between-trial-sd improvement=0.1,death=0.2 " in document["provenance"]["command"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("dying=0.1", "unknown kind of effect (got 'dying'); allowed: improvement, deterioration, death"),
        ("death=much", "--between-trial-sd: the standard deviation of death must be a number (got 'much')"),
        ("death=-0.1", "--between-trial-sd"),
        ("death=", "the standard deviation of death must be a number (got '')"),
        ("improvement=0.1,death=pooled", "(got 'pooled'); allowed: death with a number, or pooled alone for all kinds"),
        ("death=0.1,death=0.2", "--between-trial-sd: a kind of effect is given twice (got 'death')"),
        ("death=0.1,improvement=0.1, death=0.1", "a kind of effect is given twice (got 'death')"),
        ("=0.1", "unknown kind of effect"),
        ("much", "--between-trial-sd: must be a number (got 'much')"),
        ("pooled", "allowed: numbers, or disease.treatments.baricitinib"),
    ],
)
def test_differences_between_trials_that_are_none_are_refused(
    given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", SCENARIO.replace("actt4", "actt4-non-inferiority"), "--between-trial-sd", given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1

"""jaksim forecast, and the logs of jaksim simulate, on the command line."""

import csv
from pathlib import Path

import pytest

import jaksim as package
from jaksim.errors import InputError
from tests.fuzz.running import NOT_A_NUMBER

SITES = str(Path(__file__).parents[1] / "scenarios" / "sites.toml")
SMALL = str(Path(__file__).parents[1] / "scenarios" / "small.toml")
ON = ("--on", "2026-02-14")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A log without and one with arms, on day 40."""
    folder = tmp_path_factory.mktemp("logs")
    for name, arms in (("blind", False), ("open", True)):
        package.simulate_log(SITES, on=40, seed=9, arms=arms).write(folder / f"{name}.csv")
    return folder


def test_the_report_has_every_part(jaksim, logs, tmp_path):
    outcome = jaksim(
        "forecast",
        SITES,
        "--data",
        logs / "open.csv",
        *ON,
        "--by",
        55,
        "--replicates",
        60,
        "--plot",
        tmp_path / "f.svg",
    )
    assert outcome.code == 0
    parts = ("SO FAR, BY THE END OF DAY 40 (2026-02-14)", "SITES", "SCREENING", "ENROLMENT TO COME", "ANALYSES")
    for heading in (*parts, "CONDITIONAL POWER"):
        assert f"\n{heading}\n" in outcome.out
    words = " ".join(outcome.out.split())
    assert "Full by the end of day 55 (2026-03-01):" in words
    assert "Recreate: jaksim forecast" in words
    assert NOT_A_NUMBER.search(outcome.out) is None
    assert "<svg" in (tmp_path / "f.svg").read_text()


def test_a_blinded_log_has_no_power_and_says_so(jaksim, logs):
    outcome = jaksim("forecast", SITES, "--data", logs / "blind.csv", *ON, "--replicates", 20)
    assert "CONDITIONAL POWER" not in outcome.out
    assert "the figures are blinded" in " ".join(outcome.out.split())


def test_counts_that_the_plan_does_not_expect_are_told(tmp_path):
    rows = [("activated", 10, "There 1", ""), *(("screened", 10 + i % 9, "There 1", f"p{i}") for i in range(30))]
    log = {name: [row[i] for row in rows] for i, name in enumerate(("event", "day", "site", "patient"))}
    planned, unsure = (package.forecast(SITES, log, on=19, rate_cv=cv, replicates=20) for cv in (0.0, 1.0))
    (told,) = (note for note in planned.notes if "so many have a chance" in note)
    assert told.startswith("There: 30 patients screened where the plan expects 4;")
    assert planned.groups[1].as_many < 1e-6
    assert planned.groups[1].rate_factor == 1.0
    assert unsure.groups[1].rate_factor > 3.0
    assert not any("so many" in note for note in unsure.notes)
    assert any("would have opened by now" in note for note in planned.notes)
    assert not any("\u2039" in note for note in planned.notes)


def test_the_answer_does_not_depend_on_workers_or_on_how_the_log_is_given(jaksim, logs):
    import pandas as pd

    words = ("forecast", SITES, "--data", logs / "blind.csv", *ON, "--replicates", 600, "--seed", 3, "--json")
    one, two = (jaksim(*words, "--workers", n).json for n in (1, 3))
    frame = package.forecast(SITES, pd.read_csv(logs / "blind.csv"), on=40, replicates=600, seed=3).as_dict()
    for part in ("numbers", "curves", "so_far", "groups", "sites", "screening", "power"):
        assert one[part] == two[part] == frame[part]
    assert one["provenance"]["data_hash"] != frame["provenance"]["data_hash"]


def test_more_replicates_begin_with_the_fewer(logs):
    few, many = (
        package.forecast(SITES, logs / "blind.csv", on=40, replicates=n, seed=3).numbers["full_day"] for n in (1, 300)
    )
    assert few.median >= many.bands["95"][0] - 30


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--on", 39), "events after the day of the forecast"),
        (("--on", "2026-13-01"), "neither a day of the trial nor a date"),
        (("--on", 400), "after the last on which anybody is screened"),
        ((), "--on: is missing"),
        (("--on", 40, "--rate-cv", 9), "--rate-cv: is out of range"),
        (
            ("--on", 40, "--rate-cv", "nan"),
            "--rate-cv: must be a finite number (got nan); allowed: a finite number of 0",
        ),
        (("--on", 40, "--rate-cv", "inf"), "--rate-cv: must be a finite number (got inf)"),
        (("--on", 40, "--rate-cv=-1"), "--rate-cv: is too small (got -1.0); allowed: 0 or more"),
        (("--on", 40, "--screening-weight", "nan"), "--screening-weight: must be a finite number (got nan)"),
        (("--on", 40, "--between-trial-sd", "nan"), "--between-trial-sd: must be a finite number (got nan)"),
        (("--on", 40, "--screening-weight", 0), "--screening-weight: the planned shares weigh nothing"),
        (("--on", 40, "--gaps", "modle"), "did you mean 'model'"),
        (("--on", 40, "--replicates", 0), "replicates"),
        (("--on", 40, "--set", "operations.board.pause=true"), "has paused so far"),
    ],
)
def test_bad_input_is_one_message(jaksim, logs, words, message):
    outcome = jaksim("forecast", SITES, "--data", logs / "blind.csv", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_a_trial_without_operations_is_refused(jaksim, logs):
    outcome = jaksim("forecast", SMALL, "--data", logs / "blind.csv", "--on", 40)
    assert outcome.code == 2
    assert "nothing says how the trial is run" in outcome.err


def test_a_log_of_nothing_is_the_plan_itself(jaksim, tmp_path):
    (tmp_path / "log.csv").write_text("event,day,site\nactivated,0,Here 1\n")
    found = jaksim("forecast", SITES, "--data", tmp_path / "log.csv", "--on", 0, "--replicates", 50, "--json").json
    assert found["so_far"]["randomised"] == 0
    assert found["numbers"]["full_day"]["median"] > 20


def test_a_trial_that_is_full_stays_so(jaksim, tmp_path):
    package.simulate_log(SITES, on=63, seed=2).write(tmp_path / "log.csv")
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    days = [int(row["day"]) for row in rows if row["event"] == "randomised"]
    assert len(days) == 120
    found = jaksim("forecast", SITES, "--data", tmp_path / "log.csv", "--on", 63, "--replicates", 30, "--json").json
    assert found["numbers"]["full_day"]["bands"]["95"] == [max(days), max(days)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--log", "log.csv", "--on", 30, "--out", "p.csv"), "one file is written"),
        ((), "one file is written"),
        (("--out", "p.csv", "--on", 30), "only a log ends on a day"),
        (("--log", "log.csv"), "--on: is missing"),
        (("--log", "log.txt", "--on", 30), "unknown kind of file"),
        (("--log", "log.csv", "--on", 199), "has ended on day"),
        (("--log", "log.csv", "--on", 30, "--as-known"), "a log has what happened"),
    ],
)
def test_a_log_that_cannot_be_written_is_one_message(jaksim, monkeypatch, tmp_path, words, message):
    monkeypatch.chdir(tmp_path)
    outcome = jaksim("simulate", SITES, *words)
    assert outcome.code == 2
    assert message in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_log_of_a_trial_that_no_site_runs_is_refused():
    with pytest.raises(InputError, match="nothing says how the trial is run"):
        package.simulate_log(SMALL, on=20)


def test_a_parquet_log_reads_as_csv_does(tmp_path):
    log = package.simulate_log(SITES, on=30, seed=4, scores=False)
    found = []
    for name in ("log.csv", "log.parquet"):
        log.write(tmp_path / name)
        found.append(package.forecast(SITES, tmp_path / name, on=30, replicates=20).as_dict()["numbers"])
    assert found[0] == found[1]

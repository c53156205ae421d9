import csv
import errno
import json
import os
import sys
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

import jaksim as package
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.design.patients.counterfactual import simulate_worlds

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
ACTT4 = HERE.parent / "scenarios" / "actt4.toml"


@pytest.fixture
def data(jaksim, tmp_path):
    path = tmp_path / "patients.csv"
    outcome = jaksim("simulate", ACTT4, "--out", path, "--replicate", 123456, "--seed", 7)
    assert outcome.code == 0, outcome.err
    return pd.read_csv(path)


def test_every_patient_has_a_row(data):
    assert len(data) == 1500
    assert data.patient.is_unique
    assert abs((data.arm == "baricitinib").sum() - 750) <= 4
    assert set(data.baseline_score) == {5, 6}
    assert (data.stratum == "score " + data.baseline_score.astype(str)).all()


def test_endpoints_follow_from_the_daily_scores(data):
    days = data[[f"score_day_{day}" for day in range(2, 30)]].to_numpy()
    assert (data.score_on_day_15_score == data.score_day_15).all()
    assert (data.death_event == (days[:, -1] == 8)).all()
    assert (data.ventilation_or_death_event == (days >= 7).any(axis=1)).all()
    recovered = days <= 3
    status = recovered.any(axis=1)
    assert (data.time_to_recovery_status == status).all()
    assert (data.time_to_recovery_time == np.where(status, recovered.argmax(axis=1) + 1, 28)).all()
    free = np.where(days[:, -1] == 8, -1, (days != 7).sum(axis=1))
    assert (data.ventilator_free_days_days == free).all()


def test_lifelines_reads_the_file(data):
    fitter = lifelines.KaplanMeierFitter().fit(data.time_to_recovery_time, data.time_to_recovery_status)
    assert 4 <= fitter.median_survival_time_ <= 10
    arms = [data[data.arm == arm] for arm in ("dexamethasone", "baricitinib")]
    times, events = ([arm[f"time_to_recovery_{name}"] for arm in arms] for name in ("time", "status"))
    assert 0 <= logrank_test(*times, *events).p_value <= 1


def test_the_replicate_is_the_one_of_the_path_engine():
    scenario = package.load_scenario(SMALL)
    patients = package.simulate_trial(scenario, replicate=4321, seed=3).patients
    engine = PathEngine(Cells(scenario.trial), 3)
    tables = [table[1] for table in engine.tables(4320, 3)]
    cell = patients.arm * 2 + patients.stratum
    for categories, table in zip(patients.categories, tables, strict=True):
        counted = np.zeros_like(table)
        np.add.at(counted, (cell, categories), 1)
        assert np.array_equal(counted, table)


def test_a_trial_with_interim_analyses_is_conducted_and_its_ending_told(jaksim, tmp_path):
    words = ("simulate", SMALL.with_name("interims.toml"), "--replicate", 7, "--engine", "path", "--seed", 5)
    outcome = jaksim(*words, "--out", tmp_path / "whole.csv")
    assert outcome.code == 0, outcome.err
    assert "772 patients of replicate 7" in outcome.out
    assert "ended at analysis 2 of 3, on day 54 for efficacy" in outcome.out
    assert "well: rejected, z = 2.978" in outcome.out
    cut = jaksim(*words, "--out", tmp_path / "cut.parquet", "--as-known", "--json").json
    assert cut["ending"]["day"] == 54
    assert cut["ending"]["decided"][0]["z"] == pytest.approx(2.9778, abs=1e-4)
    assert "--as-known" in cut["provenance"]["command"]
    whole, known = pd.read_csv(tmp_path / "whole.csv"), pd.read_parquet(tmp_path / "cut.parquet")
    pd.testing.assert_frame_equal(whole.iloc[:, :6], known.iloc[:, :6])
    for day in range(2, 12):
        there = whole.last_day_known >= day
        assert (known[f"score_day_{day}"].notna() == there).all()
        assert (known[f"score_day_{day}"][there] == whole[f"score_day_{day}"][there]).all()
    assert (known.well_event.notna() == (whole.last_day_known == 11)).all()


def test_planned_patients_under_every_regimen_are_said_not_to_be_those_of_a_replicate(jaksim, tmp_path):
    words = ("simulate", SMALL.with_name("interims.toml"), "--out", tmp_path / "a.csv")
    assert "not those of a replicate" in jaksim(*words, "--counterfactual").err
    assert jaksim(*words).err == ""


def test_parquet_holds_the_same_table_and_its_provenance(jaksim, tmp_path):

    from pyarrow import parquet

    csv, binary = tmp_path / "a.csv", tmp_path / "a.parquet"
    assert jaksim("simulate", SMALL, "--out", csv).code == 0
    outcome = jaksim("simulate", SMALL, "--out", binary, "--json")
    assert outcome.json["n_patients"] == 300
    pd.testing.assert_frame_equal(pd.read_csv(csv), pd.read_parquet(binary))
    kept = json.loads(parquet.read_schema(binary).metadata[b"jaksim"])
    assert kept == outcome.json["provenance"]


def test_frame_carries_its_provenance():
    simulated = package.simulate_trial(package.load_scenario(SMALL), seed=2)
    frame = simulated.to_pandas()
    assert len(frame) == 300
    assert "--replicate 0" in frame.attrs["provenance"]["command"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "patients.xlsx"), ".csv, .parquet"),
        (("--out", "nowhere/patients.csv"), "no such directory"),
        (("--out", "patients.csv", "--replicate", -1), "replicate"),
        (("--out", "patients.csv", "--seed", 2**64), "seed"),
        (("--out", "patients.csv", "--set", "follow_up.day=3"), "did you mean 'days'"),
        (("--out", "patients.csv", "--engine", "law"), "no daily scores"),
        (("--out", "patients.csv", "--as-known"), "interim or adaptive"),
        ((), "--out"),
    ],
)
def test_nothing_is_written_when_something_is_wrong(refused, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    assert message in refused("simulate", SMALL, *words)
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_parquet_is_refused(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pyarrow" in refused("simulate", SMALL, "--out", tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


def test_analyses_of_patients_who_left_are_those_of_the_columns(jaksim, tmp_path):
    path = tmp_path / "patients.csv"
    assert jaksim("simulate", HERE / "scenarios" / "leaving.toml", "--out", path, "--seed", 7).code == 0
    whole = pd.read_csv(path)
    assert whole.withdrawal_day.notna().any()
    assert whole.treatment_stop_day.notna().any()
    columns = whole[["patient", "arm", "stratum", "score_score", "death_event"]]
    columns.to_csv(tmp_path / "columns.csv", index=False)
    found = []
    for data, more in ((path, ("--scenario", HERE / "scenarios" / "leaving.toml")), (tmp_path / "columns.csv", ())):
        options = ("--endpoint", "score", "--method", "wilcoxon", "--reference", "control", "--missing", "drop")
        outcome = jaksim("analyze", data, *more, *options, "--json")
        assert outcome.code == 0, outcome.err
        (result,) = json.loads(outcome.out)["results"]
        found.append((result["n"], result["estimate"], result["se"]))
    assert found[0] == pytest.approx(found[1], abs=1e-12)
    assert found[0][0] == whole.score_score.notna().sum() < len(whole)


def test_patients_under_every_regimen_on_the_same_random_numbers(jaksim, tmp_path):
    words = ("simulate", SMALL, "--replicate", 5, "--seed", 2, "--out")
    many = ("--set", "population.patients=4000", "--counterfactual", "--json")
    found = jaksim(*words, tmp_path / "worlds.csv", *many).json
    both = pd.read_csv(tmp_path / "worlds.csv")
    assert list(both.groupby(["patient"]).size().unique()) == [2]
    assert set(both.regimen) == {"control", "drug"}
    assert jaksim(*words, tmp_path / "trial.csv", *many[:2]).code == 0
    own = both[both.arm == both.regimen].drop(columns="regimen").sort_values("patient").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, pd.read_csv(tmp_path / "trial.csv"))
    effects = {one["endpoint"]: one for one in found["average_effects"]}
    assert effects.keys() == {"recovery", "score", "death", "free days"}
    wide = both.pivot(index="patient", columns="regimen", values="death_event")
    apart = wide.drug - wide.control
    assert effects["death"]["difference"] == pytest.approx(apart.mean())
    assert effects["death"]["mc_se"] == pytest.approx(apart.std() / len(apart) ** 0.5)
    assert effects["death"]["variance_reduction"] == pytest.approx((wide.drug.var() + wide.control.var()) / apart.var())
    assert min(one["variance_reduction"] for one in effects.values()) > 3.0
    assert max(abs(one["z"]) for one in effects.values()) < 4.0
    assert "--counterfactual" in found["provenance"]["command"]
    assert "AVERAGE EFFECTS" in jaksim(*words, tmp_path / "again.csv", "--counterfactual").out


def test_average_effects_are_unbiased_and_unknown_values_have_no_exact_one():
    trial = package.load_scenario(SMALL, changes=["population.patients=200"]).trial
    z = np.array([[one.z for one in simulate_worlds(trial, seed=4, replicate=i).effects()] for i in range(150)])
    # Errors of pairs count the differences between strata too, which fixed sizes take away.
    assert (np.abs(z.mean(axis=0)) < 4.0 / np.sqrt(len(z))).all()
    assert (z.var(axis=0) < 1.0 + 4.0 * np.sqrt(2.0 / len(z))).all()
    strategies = package.load_scenario(ACTT4.parent / "actt2-strategies.toml").trial
    exact = {one.endpoint: one.exact for one in simulate_worlds(strategies, seed=4, replicate=0).effects()}
    assert exact.pop("score on day 15, complete cases") is None
    assert None not in exact.values()


def test_names_that_a_spreadsheet_would_run_are_disarmed_and_read_back(jaksim, tmp_path):
    text = SMALL.read_text().replace('"drug"', '"=1+1"').replace(".drug]", '."=1+1"]')
    text = text.replace('"mixed"', '"@SUM(1)"').replace('"recovery"', '"=2+3|x"')
    scenario, out = tmp_path / "s.toml", tmp_path / "p.csv"
    scenario.write_text(text)
    (tmp_path / "four.toml").write_text(SMALL.with_name("four.toml").read_text())
    assert jaksim("simulate", scenario, "--out", out).code == 0
    with out.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert "'=2+3|x_time" in header
    assert {row[header.index("arm")] for row in rows} == {"'=1+1", "control"}
    assert {row[header.index("stratum")] for row in rows} == {"ill", "'@SUM(1)"}
    found = jaksim("analyze", out, "--scenario", scenario, "--json").json
    assert {one["active"] for one in found["results"]} == {"=1+1"}


def test_a_full_disk_is_one_message_and_leaves_nothing(refused, monkeypatch, tmp_path):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for name in ("p.csv", "p.parquet"):
        message = refused("simulate", SMALL, "--out", tmp_path / name)
        assert f"{tmp_path / name}: cannot be written: No space left on device" in message
    assert list(tmp_path.iterdir()) == []


def test_an_endpoint_that_depends_on_a_rescue_is_read_from_columns_of_its_own(jaksim, refused, tmp_path):
    scenario, path, daily = HERE / "scenarios" / "rescued.toml", tmp_path / "patients.csv", tmp_path / "daily.csv"
    change = ("--set", "endpoint.recovery.rescue=composite")
    assert jaksim("simulate", scenario, "--out", path, *change).code == 0
    whole = pd.read_csv(path)
    assert whole.rescue_day.notna().any()
    kept = ["patient", "arm", "stratum", "baseline_score"]
    whole[[*kept, *(name for name in whole if name.startswith("score_day"))]].to_csv(daily, index=False)
    rescued = tmp_path / "rescued.toml"
    text = scenario.read_text("utf-8").replace('"four.toml"', f'"{HERE / "scenarios" / "four.toml"}"')
    rescued.write_text(text.replace('name = "recovery"', 'name = "recovery"\nrescue = "composite"'), "utf-8")
    asked = (
        "--scenario",
        rescued,
        "--endpoint",
        "recovery",
        "--method",
        "log_rank",
        "--reference",
        "control",
        "--json",
    )
    found = json.loads(jaksim("analyze", path, *asked).out)["results"][0]
    whole[["patient", "arm", "stratum", "recovery_time", "recovery_status"]].to_csv(tmp_path / "own.csv", index=False)
    own = jaksim("analyze", tmp_path / "own.csv", *asked[2:])
    assert found["estimate"] == pytest.approx(json.loads(own.out)["results"][0]["estimate"], abs=1e-12)
    assert "daily scores do not tell 'recovery'" in refused("analyze", daily, *asked[:-1])
    policy = ("--scenario", scenario, *asked[2:])
    assert jaksim("analyze", daily, *policy).code == 0

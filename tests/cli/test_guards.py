"""What a user can type by mistake, and numbers that would eat the machine: one message with the figure, exit code 2."""

import json
import shutil
from pathlib import Path

import pytest

from jaksim import budget

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "scenarios" / "small.toml"
PLATFORM = ROOT / "tests" / "scenarios" / "platform.toml"
ZONE = "actt4-promising-zone"
LONG = "1" + "0" * 5000


@pytest.fixture
def of_a_gigabyte(monkeypatch):
    monkeypatch.setenv(budget.MEMORY, "1GB")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("simulate", SMALL, "--out", "x.csv", "--set", "population.patients=100000000"), "100,000,000 patients with"),
        (("simulate", SMALL, "--out", "x.csv", "--counterfactual", "--set", "population.patients=10000000"), "GB"),
        (("simulate", "actt4-interims", "--out", "x.csv", "--set", "population.patients=3000000"), "about"),
        (("reproduce", "recovery-dexamethasone", "--replicates", 10**9), "the tables of 1,000,000,000"),
        (("calibrate", "recovery-dexamethasone", "--draws", 10**9), "allowed: at most 8,960"),
        (("predict", SMALL, "--draws", 10**7, "--replicates", 10**2), "results of 10,000,000 times 100 replicates"),
        (("predict", SMALL, "--draws", 10**9), "replicates is out of range"),
        (("power", SMALL, "--set", "follow_up.days=20201101"), "allowed: 1 to 3650"),
        (("power", SMALL, "--replicates", 2**40), "replicates is out of range"),
        (("power", PLATFORM, "--replicates", 2, "--set", "accrual.rates=[1e-6]"), "years to come"),
        (("power", ZONE, "--replicates", 2, "--set", "adaptation.maximum=1000000000"), "out of range"),
        (("power", ZONE, "--replicates", 2, "--set", "adaptation.maximum=100000000"), "years to come"),
        (("power", "actt2-bayesian", "--set", "adaptation.calibration=18446744073709551615"), "range"),
        (("sweep", SMALL, "--out", "s", "--vary", "population.patients=1:10000000000:10000000000"), "too many points"),
        (("sweep", SMALL, "--out", "s", "--vary", "x=1:9000000:9000000", "--vary", "y=1,2"), "points"),
        (("sweep", SMALL, "--out", "s", "--vary", "population.patients=20:160:15", "--replicates", 2**30), "in parts"),
        (("boundaries", "--looks", 10**9), "the number of analyses is out of range"),
        (("size", SMALL, "--assurance", "--draws", 10**9), "draws"),
    ],
)  # fmt: skip
def test_a_number_that_would_eat_the_machine_is_refused_with_the_figure(
    refused, of_a_gigabyte, tmp_path, monkeypatch, words, said
):
    monkeypatch.chdir(tmp_path)
    assert said in refused(*words)


def test_what_would_take_the_memory_says_how_to_allow_it(refused, of_a_gigabyte, tmp_path):
    said = refused("simulate", SMALL, "--out", tmp_path / "x.csv", "--set", "population.patients=5000000")
    assert "take about 5.08 GB of memory, the limit is 1 GB" in said
    assert "JAKSIM_MEMORY=6GB" in said


def test_a_horizon_a_thousand_times_longer_is_refused(refused, of_a_gigabyte, tmp_path):
    study = (ROOT / "src/jaksim/calibration/studies/recovery-dexamethasone.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(study.replace("horizon = 28", "horizon = 28000"), "utf-8")
    assert "days" in refused("reproduce", own, "--replicates", 100)


def test_memory_that_runs_out_in_spite_of_the_estimates_is_no_internal_fault(refused, monkeypatch):
    def run_out(*_, **__):
        raise MemoryError

    monkeypatch.setattr("jaksim.design.prepared.Cells", run_out)
    assert "more memory than the limit" in refused("power", SMALL, "--replicates", 2)


@pytest.mark.parametrize("source", [PLATFORM, SMALL, ROOT / "tests" / "scenarios" / "doses.toml"])
def test_arms_without_a_reference_are_refused(refused, tmp_path, source):
    shutil.copy(ROOT / "tests" / "scenarios" / "four.toml", tmp_path)
    changed = tmp_path / "changed.toml"
    changed.write_text(source.read_text("utf-8").replace("reference = true", "reference = false"), "utf-8")
    assert "0 arms are marked as the reference" in refused("power", changed, "--replicates", 2)


@pytest.mark.parametrize(
    "words",
    [
        ("power", SMALL, "--set", f"population.patients={LONG}"),
        ("power", SMALL, "--set", f"population.patients=0x{'f' * 5000}"),
        ("power", SMALL, "--set", f"x={'[' * 3000}"),
        ("sweep", SMALL, "--out", "s", "--vary", f"population.patients=20,{LONG}"),
        ("sweep", SMALL, "--out", "s", "--vary", f"population.patients={'[' * 3000}"),
        ("power", SMALL, "--replicates", LONG),
        ("power", SMALL, "--engine", LONG),
        ("power", LONG),
    ],
)
def test_words_without_end_are_refused_with_a_short_message(refused, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert len(refused(*words)) < 2000


@pytest.mark.parametrize("value", [LONG, "[" * 3000, "0b" + "1" * 9000, "[" * 60 + "]" * 60])
def test_files_with_numbers_or_brackets_without_end_are_refused(refused, tmp_path, value):
    own = tmp_path / "own.toml"
    own.write_text(f"title = {value}", "utf-8")
    for words in (("power", own), ("calibrate", own), ("evidence", "check", own), ("backtest", own)):
        assert len(refused(*words)) < 2000


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", None), ("study", None), ("format", 99), ("draws", [[1e300]]), ("parameters", []), ("title", 10**30)],
)
def test_a_parameter_set_changed_by_hand_is_refused(refused, tmp_path, key, value):
    document = json.loads((ROOT / "src/jaksim/model/parameter_data/actt-1.json").read_text("utf-8"))
    document[key] = value
    if value is None:
        del document[key]
    own = tmp_path / "own.json"
    own.write_text(json.dumps(document), "utf-8")
    assert "own.json" in refused("reproduce", "actt-1", "--replicates", 100, "--parameters", own)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"stages": [', '"stages": ["x", '),
        ('"stages": [', '"stages": [-5, '),
        ('"keys": [', '"keys": [["a"], '),
        ('"points": [', '"points": [3, '),
        ('"design": {', '"design": ' + "[" * 3000 + "{"),
        ('"seed": ', '"seed": 7'),
        ('"format": ', '"format": 7'),
        ("{", "["),
    ],
)
def test_the_manifest_of_a_sweep_changed_by_hand_is_refused(jaksim, refused, tmp_path, old, new):
    out = tmp_path / "sweep"
    assert jaksim("sweep", SMALL, "--out", out, "--vary", "population.patients=20", "--replicates", 2).code == 0
    manifest = out / "manifest.json"
    text = manifest.read_text("utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new, 1), "utf-8")
    assert "manifest" in refused("sweep", "--resume", "--out", out) or new.endswith("7")


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_all_endpoints_with_a_longitudinal_one_are_plotted(jaksim, tmp_path, ending):
    shutil.copy(ROOT / "tests" / "scenarios" / "four.toml", tmp_path)
    own = tmp_path / "own.toml"
    own.write_text(SMALL.read_text("utf-8") + '\n[[endpoint]]\nname = "daily"\nkind = "longitudinal"\n', "utf-8")
    plot = tmp_path / f"plot.{ending}"
    assert jaksim("power", own, "--replicates", 2, "--endpoints", "all", "--plot", plot).code == 0
    assert plot.stat().st_size > 1000


COLLINEAR = {
    "score": "arm,score,age,weight\n" + "".join(f"{i % 2},{1 + i * 7 % 5},{i},{2 * i + 1}\n" for i in range(12)),
    "of the arm": "arm,score,age,weight\n"
    + "".join(f"{i % 2},{1 + i * 7 % 5},{i},{i + 5 * (i % 2)}\n" for i in range(12)),
    "time": "arm,time,status,age,weight\n" + "".join(f"{i % 2},{1 + i},1,{i},{3 - i}\n" for i in range(12)),
    "constant": "arm,time,status,age,weight\n" + "".join(f"{i % 2},{1 + i},{i % 3 % 2},{i},4\n" for i in range(12)),
}


@pytest.mark.parametrize(
    ("data", "method"),
    [
        ("score", "proportional_odds"),
        ("score", "wilcoxon"),
        ("of the arm", "wilcoxon"),
        ("time", "cox"),
        ("time", "rmst_difference"),
        ("constant", "cox"),
        ("constant", "rmst_difference"),
    ],
)
def test_covariates_that_hang_together_are_refused_by_name(refused, tmp_path, data, method):
    own = tmp_path / "own.csv"
    own.write_text(COLLINEAR[data], "utf-8")
    said = refused("analyze", own, "--method", method, "--covariate", "age", "--covariate", "weight")
    assert "covariate" in said
    assert "combination" in said or "constant" in said


@pytest.mark.parametrize(
    "change",
    [
        "disease.treatments.drug.effect.0.hazard_ratio=1e300",
        "disease.natural_history.move.0.values=[1e308]",
        "prediction.between_trial_sd=1e300",
        "analysis.odds.alpha=1e-300",
        "population.stratum.ill.weight=5e-324",
    ],
)
@pytest.mark.parametrize("verb", [("power", "--replicates", 2), ("predict", "--draws", 20, "--replicates", 10)])
def test_absurd_numbers_are_answered_or_refused(jaksim, change, verb):
    word, *options = verb
    outcome = jaksim(word, SMALL, *options, "--set", change)
    assert outcome.code in (0, 2), outcome.err
    assert "Warning" not in outcome.err

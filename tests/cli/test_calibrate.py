import math

import pytest

from jaksim.calibration.study import load_calibration_study
from jaksim.model.parameter_set import load_parameter_set

pytestmark = pytest.mark.usefixtures("short_chains")

TINY = """
evidence = "actt-2"
title = "Patients of score 6 in ACTT-2"
horizon = 28
day_of_randomisation = 1
background = ["remdesivir"]
[arm.placebo]
regimen = ["remdesivir"]
patients = { score6 = 113 }
[arm.baricitinib]
regimen = ["baricitinib", "remdesivir"]
patients = { score6 = 103 }
[stratum]
score6 = { scores = { 6 = 1.0 } }
[endpoint]
recovery = { kind = "time_to_event", set = "recovered" }
death_day29 = { kind = "event_by_day", set = "dead", day = 29 }
[[assumption]]
name = "direct recovery"
value = "6 to 3"
why = "a small example"
source = "none"
[model]
scale = "niaid-8"
[[model.move]]
move = "6>3"
intensity = 0.05
[[model.move]]
move = "6>8"
intensity = 0.01
[model.treatment]
remdesivir = { class = "antiviral" }
baricitinib = { class = "JAK inhibitor" }
[[model.effect]]
treatment = "baricitinib"
name = "improvement"
moves = ["improvement"]
[[target]]
record = "deaths_day28.score6.placebo"
statistic = "proportion"
endpoint = "death_day29"
arm = "placebo"
[[target]]
record = "median_recovery.score6.placebo"
statistic = "median"
endpoint = "recovery"
arm = "placebo"
[[target]]
record = "recovery_rate_ratio.score6"
statistic = "cox"
endpoint = "recovery"
arm = "baricitinib"
reference = "placebo"
[[target]]
record = "deaths_day28.score6.baricitinib"
statistic = "proportion"
endpoint = "death_day29"
arm = "baricitinib"
role = "check"
"""


@pytest.fixture
def tiny(tmp_path):
    """A study of three parameters."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


def test_json_is_one_object_of_the_agreed_shape(jaksim, tiny):
    outcome = jaksim("calibrate", tiny, "--json")
    assert outcome.code == 0
    document = outcome.json
    assert document["study"] == "tiny"
    study = load_calibration_study(str(tiny))
    assert [t["id"] for t in document["targets"]] == [t.id for t in study.targets]
    for target in document["targets"]:
        assert {"id", "reported", "ci", "fitted", "z"} <= set(target)
        assert math.isfinite(target["z"])
        assert target["ci"] is None or target["ci"][0] <= target["reported"] <= target["ci"][1]
    by_id = {t["id"]: t for t in document["targets"]}
    assert by_id["recovery_rate_ratio.score6"]["reported"] == 1.51
    assert by_id["recovery_rate_ratio.score6"]["ci"] == [1.1, 2.08]
    assert [t["role"] for t in document["targets"]] == ["fit", "fit", "fit", "check"]
    diagnostics = document["diagnostics"]
    assert diagnostics["n_targets"] == 4
    assert diagnostics["n_parameters"] == len([p for p in document["parameters"] if p["prior_sd"]])
    mean = sum(t["z"] ** 2 for t in document["targets"]) / 4
    assert diagnostics["mean_z_squared"] == pytest.approx(mean, rel=1e-4)
    assert document["provenance"]["input_hash"] == study.input_hash


def test_out_writes_what_scenarios_read(jaksim, tiny):
    out = tiny.with_name("own.json")
    outcome = jaksim("calibrate", tiny, "--json", "--draws", 25, "--out", out)
    assert str(out) in outcome.err
    found = load_parameter_set(str(out))
    assert found.name == "own"
    assert len(found.draws) == 25
    assert [p.estimate for p in found.parameters] == [p["estimate"] for p in outcome.json["parameters"]]
    assert sorted(p.name for p in tiny.parent.iterdir()) == ["own.json", "tiny.toml"]


def test_same_seed_same_numbers(jaksim, tiny):
    first, second, other = (jaksim("calibrate", tiny, "--json", "--seed", seed).json for seed in (3, 3, 4))
    for document in (first, second, other):
        del document["elapsed_seconds"]
    assert first == second
    assert first["parameters"][0]["estimate"] == other["parameters"][0]["estimate"]
    assert first["diagnostics"]["acceptance"] != other["diagnostics"]["acceptance"]


def test_the_report_shows_every_figure_parameter_and_assumption(jaksim, tiny):
    outcome = jaksim("calibrate", tiny)
    assert outcome.code == 0
    study = load_calibration_study(str(tiny))
    words = " ".join(outcome.out.split())
    assert words.startswith(study.title)
    for target in study.targets:
        assert target.id in words
    assert "1.10 to 2.08" in words
    assert "Direct recovery = 6 to 3" in words
    assert "log_hazard_ratio.baricitinib.improvement" in words
    assert study.input_hash in words


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["acct-2"], "did you mean 'actt-2'?"),
        ([], "name one study"),
        (["actt-2", "--all"], "name one study"),
        (["actt-2", "--draws", "2"], "draws"),
        (["actt-2", "--draws", "many"], "draws"),
        (["actt-2", "--seed", "-1"], "seed"),
        (["actt-2", "--ou", "x.json"], "--out"),
    ],
)
def test_a_slip_is_refused_and_writes_nothing(refused, tmp_path, monkeypatch, words, hint):
    monkeypatch.chdir(tmp_path)
    assert hint in refused("calibrate", *words, "--json")
    out = ["--out", "x.json"] if words and "--all" not in words else []
    refused("calibrate", *words, *out)
    assert list(tmp_path.iterdir()) == []


def test_all_studies_cannot_go_to_one_file(refused, tmp_path):
    assert "one study" in refused("calibrate", "--all", "--out", tmp_path / "x.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["none/x.json", "file/x.json", "folder", "."])
def test_an_unwritable_out_is_refused_before_fitting(refused, tmp_path, monkeypatch, place):
    """A missing folder, a file used as a folder, a folder, and the folder one is in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jaksim.calibration.fit.calibrate", None)
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    assert f"jaksim: {place}: cannot be written" in refused("calibrate", "actt-2", "--json", "--out", place)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_disk_that_refuses_leaves_nothing_behind(refused, tiny, monkeypatch):
    def full(path, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("os.replace", full)
    out = tiny.with_name("own.json")
    assert "No space left" in refused("calibrate", tiny, "--json", "--out", out)
    assert [p.name for p in tiny.parent.iterdir()] == ["tiny.toml"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "the file is empty"), (b"\x7fELF\x00\xff", "not a text file"), (b"horizon = 28", "is missing")],
)
def test_a_file_that_holds_no_study_is_refused(refused, tmp_path, content, words):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    assert words in refused("calibrate", path, "--out", tmp_path / "x.json")
    assert [p.name for p in tmp_path.iterdir()] == ["own.toml"]

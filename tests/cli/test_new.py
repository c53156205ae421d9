"""From nothing to a calibrated trial: the files of `jaksim new`, a copy of a scenario, the list of scenarios."""

from __future__ import annotations

import json

import pytest

from jaksim.cli.starting import new as command
from jaksim.scenario.shipped import shipped_scenarios
from jaksim.verbs.options.new import NewOptions

OWN = (
    "--scale", "recovered,at home,in hospital,on oxygen,ventilated,dead", "--baseline", "4", "--day", "28",
    "--control", ".60,.08,.08,.05,.09,.10", "--recovery-time", "10", "--odds-ratio", "1.45",
)  # fmt: skip


@pytest.mark.usefixtures("short_chains")
def test_the_printed_commands_work_one_after_the_other(jaksim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = jaksim("new", "mine", *OWN, "--json")
    assert outcome.json["files"] == ["scale.toml", "evidence.toml", "study.toml", "trial.toml"]
    check, calibrate, show, power, size = (line.split()[1:] for line in outcome.json["next"])
    assert "control.json: no such file; allowed: what `jaksim calibrate" in jaksim(*power).err
    assert "all agree" in jaksim(*check).out
    assert jaksim(*calibrate).code == 0
    written = json.loads((tmp_path / "mine" / "control.json").read_text())
    assert written["name"] == "control"
    assert [status["label"] for status in written["model"]["scale"]["status"]][-1] == "dead"
    assert max(abs(target["z"]) for target in written["targets"]) < 1
    assert jaksim(*show).code == 0
    found = jaksim(*power, "--replicates", "2000", "--json").json
    (stated,) = [line["stated"] for line in found["assumptions"] if line["stated"]]
    assert (stated["method"], stated["value"]) == ("proportional_odds", 1.45)
    assert stated["moves"] == {"improvement": ["2>1", "3>2", "4>3", "5>4"]}
    assert [one["role"] for one in found["analyses"]] == ["primary", "secondary", "secondary"]
    assert jaksim(*size, "--replicates", "2000", "--json").json["n_patients"] == pytest.approx(1266, abs=60)
    # The parameter set holds the scale; the directory can be used from anywhere.
    (tmp_path / "mine" / "scale.toml").unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = jaksim("power", "../mine/trial.toml", "--replicates", "2000", "--json").json
    assert again["analyses"][0]["power"] == found["analyses"][0]["power"]


def test_nothing_is_replaced_without_being_asked(jaksim, refused, tmp_path):
    mine = tmp_path / "mine"
    assert jaksim("new", mine, *OWN).code == 0
    before = {file.name: file.read_bytes() for file in mine.iterdir()}
    assert "--force to replace" in refused("new", mine, *OWN[:-1], "2")
    assert {file.name: file.read_bytes() for file in mine.iterdir()} == before
    (mine / "control.json").write_text("of the old evidence")
    (mine / "notes.txt").write_text("mine")
    assert jaksim("new", mine, *OWN[:-1], "2", "--force").code == 0
    assert "value = 2" in (mine / "trial.toml").read_text()
    assert not (mine / "control.json").exists()
    assert (mine / "notes.txt").read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_nothing_is_left_of_what_is_refused(refused, tmp_path):
    assert "fewer have died" in refused("new", tmp_path / "mine", *OWN, "--mortality", ".2@20")
    assert "no such directory" in refused("new", tmp_path / "no" / "mine", *OWN)
    (tmp_path / "file").write_text("x")
    assert "this is a file" in refused("new", tmp_path / "file", *OWN)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["actt4", "stroke-alteplase", "delayed-effect"])
def test_a_copy_runs_and_can_be_edited(jaksim, tmp_path, name):
    assert jaksim("new", tmp_path / "copy", "--from", name).code == 0
    copy = tmp_path / "copy" / f"{name}.toml"
    given = ("--replicates", "100", "--seed", "1", "--json")
    mine, shipped = (jaksim("power", one, *given).json for one in (copy, name))
    assert mine["analyses"] == shipped["analyses"]
    copy.write_text(copy.read_text().replace("patients = ", "patients = 1", 1))
    assert jaksim("power", copy, *given).json["n_patients"] != shipped["n_patients"]


def test_every_scenario_is_listed(jaksim):
    found = jaksim("scenarios", "--json").json["scenarios"]
    assert [one["name"] for one in found] == list(shipped_scenarios())
    by_name = {one["name"]: one for one in found}
    assert by_name["actt4"]["scale"] == "niaid-8"
    assert by_name["stroke-alteplase"]["scale"] == "mrs"
    assert by_name["actt4"]["design"] == ["fixed size"]
    assert by_name["platform"]["patients"] > 0
    assert "group-sequential" in by_name["actt4-interims"]["design"]
    assert "non-inferiority" in by_name["actt4-non-inferiority"]["design"]
    assert "intercurrent events" in by_name["actt2-strategies"]["design"]
    assert "3 arms" in by_name["jak-inhibitors"]["design"]


def test_scenarios_are_found_by_a_word(jaksim, refused):
    found = jaksim("scenarios", "Stroke", "--json").json["scenarios"]
    assert [one["name"] for one in found] == ["stroke-alteplase"]
    assert "jaksim new mine --from stroke-alteplase" in " ".join(jaksim("scenarios", "stroke").out.split())
    assert "did you mean 'baricitinib'?" in refused("scenarios", "baricitinip")


def test_what_is_missing_is_asked_for_until_it_can_be_used(monkeypatch, capsys):
    answers = iter(
        ["well,ill,ill,dead", "well,ill,dead", "drug", "3", "2", "28", ".5,.3", ".5,.3,.2", "200", "", "", "magic 2",
         "odds ratio 1.5", "400", ""]
    )  # fmt: skip
    asked = []

    def prompt(words, **options):
        asked.append(words)
        return next(answers)

    monkeypatch.setattr("jaksim.cli.starting.new.typer.prompt", prompt)
    options = command._asked(NewOptions())
    assert (options.scale, options.baseline, options.control) == ("well,ill,dead", "2", (".5,.3,.2",))
    assert (options.odds_ratio, options.patients, options.source) == (1.5, 400, None)
    assert any("1 well, 2 ill, 3 dead" in words for words in asked)
    notes = capsys.readouterr().err
    for fault in ("each category needs a name", "not a score in which", "2 numbers for 3 scores", "not an effect"):
        assert fault in notes


def test_flags_are_not_asked_for_again(monkeypatch):
    asked = []
    monkeypatch.setattr("jaksim.cli.starting.new.typer.prompt", lambda words, **options: asked.append(words) or "")
    given = NewOptions(
        scale="mrs", baseline="4", day=90, control=("47,45,30,51,61,34,47",), odds_ratio=1.4, patients=99
    )
    command._asked(given)
    assert len(asked) == 5

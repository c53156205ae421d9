"""Files that are named in files: from the folder of the file that names them, wherever the command is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jaksim.calibration.study import load_calibration_study
from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.check import check_study
from jaksim.model.parameter_set import load_parameter_set
from jaksim.named_file import beside, is_file
from jaksim.scenario import load_scenario

REPOSITORY = Path(__file__).parents[2]
STROKE = REPOSITORY / "docs" / "examples" / "stroke"


@pytest.mark.parametrize("reference", ["x.toml", "x.json", "a/b", "../x.toml", "/a/x.json"])
def test_a_suffix_or_a_separator_makes_a_file(reference):
    assert is_file(reference)


@pytest.mark.parametrize("reference", ["mrs", "actt-2", "niaid-8", "pooled"])
def test_a_name_stays_a_name(reference):
    assert beside(reference, "anywhere") == reference


def test_a_path_starts_at_the_folder_and_a_whole_path_stays(tmp_path):
    assert beside("x.toml", tmp_path) == str(tmp_path / "x.toml")
    assert beside("../x.json", tmp_path) == str(tmp_path / "../x.json")
    assert beside("/a/x.json", tmp_path) == "/a/x.json"


def test_a_path_from_the_place_of_the_command_is_explained(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("x = 1")
    with pytest.raises(InputError, match="a path in a file starts at the folder of that file") as caught:
        beside("mine.toml", tmp_path / "other")
    assert str(tmp_path / "mine.toml") in str(caught.value)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The stroke example with its scale in a file beside it; the command is typed elsewhere."""
    folder = tmp_path / "trial"
    folder.mkdir()
    for name in ("alteplase-evidence.toml", "alteplase-study.toml"):
        text = (STROKE / name).read_text("utf-8")
        assert text.count('scale = "mrs"') == 1
        (folder / name).write_text(text.replace('scale = "mrs"', 'scale = "rankin.toml"'), "utf-8")
    shutil.copy(REPOSITORY / "src" / "jaksim" / "scale_data" / "mrs.toml", folder / "rankin.toml")
    monkeypatch.chdir(tmp_path)
    return folder


def test_evidence_and_study_find_their_scale_beside_them(own):
    evidence = load_study(own / "alteplase-evidence.toml")
    assert evidence.scale == str(own / "rankin.toml")
    assert list(check_study(evidence)) == list(check_study(load_study(STROKE / "alteplase-evidence.toml")))
    study = load_calibration_study("trial/alteplase-study.toml")
    assert study.template.scale == load_calibration_study(str(STROKE / "alteplase-study.toml")).template.scale


def test_a_study_holds_its_scale_so_that_a_parameter_set_needs_no_file(own):
    """As the calibration writes it: the model table of the study, the scale in it."""
    document = json.loads((STROKE / "alteplase.json").read_text("utf-8"))
    document["model"]["scale"] = load_calibration_study("trial/alteplase-study.toml").model_document["scale"]
    (own / "alone.json").write_text(json.dumps(document), "utf-8")
    (own / "rankin.toml").unlink()
    assert load_parameter_set("trial/alone.json").scale == load_parameter_set(str(STROKE / "alteplase.json")).scale


def test_a_scale_in_a_set_that_is_none_is_refused(own):
    document = json.loads((STROKE / "alteplase.json").read_text("utf-8"))
    for scale, message in (({"name": "x"}, "'higher_is_worse' is missing"), (3, "must be the name or file of a scale")):
        document["model"]["scale"] = scale
        (own / "bad.json").write_text(json.dumps(document), "utf-8")
        with pytest.raises(InputError, match=message):
            load_parameter_set("trial/bad.json")


def test_a_change_of_a_scenario_means_files_beside_it(own):
    shutil.copy(STROKE / "alteplase.json", own / "set.json")
    text = (REPOSITORY / "scenarios" / "stroke-alteplase.toml").read_text("utf-8")
    (own / "trial.toml").write_text(text.replace("../docs/examples/stroke/alteplase.json", "gone.json"), "utf-8")
    changes = ["disease.natural_history=set.json", "disease.treatments.alteplase=set.json"]
    assert load_scenario("trial/trial.toml", changes=changes).parameter_sets.keys() == {"set.json"}
    shutil.move(own / "set.json", "set.json")
    with pytest.raises(InputError, match=r"starts at the folder of that file"):
        load_scenario("trial/trial.toml", changes=changes)

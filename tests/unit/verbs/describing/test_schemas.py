"""The schemas of the four kinds of file take every shipped file and refuse slips where the readers do."""

import json
import tomllib
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest

import jaksim
from jaksim.scenario.document import read_document, set_key
from jaksim.verbs.describing.files import FILES
from jaksim.verbs.describing.schemas import schema_of_file

ROOT = Path(__file__).parents[4]
PACKAGE = ROOT / "src" / "jaksim"
SHIPPED = {
    "scenario": sorted((ROOT / "scenarios").glob("*.toml")),
    "scale": sorted((PACKAGE / "scale_data").glob("*.toml")),
    "study": [*(PACKAGE / "calibration" / "studies").glob("*.toml"), *ROOT.glob("docs/examples/**/*study.toml")],
    "evidence": [*(PACKAGE / "evidence" / "catalog").glob("*.toml"), *ROOT.glob("docs/examples/**/*evidence.toml")],
}


@pytest.fixture(scope="module")
def validators():
    return {file: jsonschema.Draft7Validator(schema_of_file(file)) for file in FILES}


def content(file, path):
    return read_document(path) if file == "scenario" else tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("file", FILES)
def test_every_shipped_file_fits(validators, file):
    validators[file].check_schema(validators[file].schema)
    json.dumps(validators[file].schema, allow_nan=False)
    assert len(SHIPPED[file]) >= 2
    faults = [
        (path.name, list(fault.absolute_path), fault.message)
        for path in SHIPPED[file]
        for fault in validators[file].iter_errors(content(file, path))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("file", "name", "key", "value"),
    [
        ("scenario", "actt4.toml", "titel", "x"),
        ("scenario", "actt4.toml", "population.stratum.0.wieght", 0.1),
        ("scenario", "actt4.toml", "population.patients", "many"),
        ("scenario", "actt4.toml", "endpoint.0.kind", "score_on_dya"),
        ("scenario", "actt4.toml", "endpoint.0.dya", 28),
        ("scenario", "actt4.toml", "analysis.0.method", "coxx"),
        ("scenario", "actt4.toml", "analysis.0.options.tie", "efron"),
        ("scenario", "actt4.toml", "randomisation.scheme", "by hand"),
        ("scenario", "remap-cap-adaptive.toml", "adaptation.burn", 3),
        ("scenario", "delayed-effect.toml", "disease.treatments.drug.efect", {}),
        ("scale", "mrs.toml", "status.0.lable", "x"),
        ("scale", "mrs.toml", "sets.dead", 6),
        ("study", "alteplase-study.toml", "model.effect.0.windows", [0, 7]),
        ("study", "alteplase-study.toml", "endpoint.rankin.dya", 90),
        ("study", "alteplase-study.toml", "target.0.statistic", "guess"),
        ("evidence", "alteplase-evidence.toml", "records.0.favors_first", "above"),
        ("evidence", "alteplase-evidence.toml", "citations.rankinplot.kind", "rumour"),
    ],
)
def test_a_slip_is_found(validators, file, name, key, value):
    (path,) = (path for path in SHIPPED[file] if path.name == name)
    wrong = deepcopy(content(file, path))
    set_key(wrong, key, value)
    assert not validators[file].is_valid(wrong)


def test_a_key_list_has_its_schema():
    assert jaksim.keys(file="scale").schema() == schema_of_file("scale")

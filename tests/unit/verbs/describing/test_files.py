"""The keys of a file are those that its reader takes: none is missing from the list, and no other is accepted."""

import tomllib
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.evidence.figures import DIFFERENCE_MEASURES, RATIO_MEASURES
from jaksim.evidence.keys import EVIDENCE_KEYS, FIGURE_KEYS, record_keys
from jaksim.evidence.reading import study_from as read_evidence
from jaksim.scale import scale_of_table
from jaksim.verbs.describing.files import FILES, keys_of_file

ROOT = Path(__file__).parents[4]
STROKE = ROOT / "docs" / "examples" / "stroke"


@pytest.mark.parametrize("file", FILES)
def test_every_key_says_what_it_means(file):
    keys = keys_of_file(file)
    paths = [key.path for key in keys]
    assert len(set(paths)) == len(paths)
    assert [key.path for key in keys if not key.description] == []


def used(table, place=""):
    """Dotted paths of all keys of a table, with NAME for the names of tables in `BY_NAME`."""
    for name, value in table.items():
        path = f"{place}.{name}" if place else name
        yield path
        inner = value if isinstance(value, list) else [value]
        if path in BY_NAME:
            inner, path = list(value.values()), f"{path}.NAME"
        for entry in inner:
            if isinstance(entry, dict) and path not in FREE:
                yield from used(entry, path)


BY_NAME = {"arm", "stratum", "endpoint", "model.profile", "model.treatment", "model.parameter", "model.shift",
           "arms", "events", "citations"}  # fmt: skip
FREE = {"arm.NAME.patients", "stratum.NAME.scores", "stratum.NAME.covariates", "target.options", "design", "sets"}


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("study", STROKE / "alteplase-study.toml"),
        ("study", ROOT / "src" / "jaksim" / "calibration" / "studies" / "cov-barrier.toml"),
        ("evidence", STROKE / "alteplase-evidence.toml"),
        ("scale", ROOT / "src" / "jaksim" / "scale_data" / "niaid-8.toml"),
    ],
)
def test_every_key_of_a_shipped_file_is_described(file, path):
    described = {key.path for key in keys_of_file(file)}
    endpoints = {key.path.partition(").")[2] for key in keys_of_file(file) if "(kind" in key.path} | {"set"}
    found = set(used(tomllib.loads(path.read_text("utf-8"))))
    unknown = {
        path
        for path in found - described
        if not (path.startswith("endpoint.NAME.") and path.rpartition(".")[2] in endpoints)
    }
    assert unknown == set()


def test_a_record_has_the_keys_of_its_measure():
    assert {"estimate", "standard_error"} <= {key.name for key in record_keys("odds_ratio")}
    assert "standard_error" not in {key.name for key in record_keys("risk_difference")}
    assert {"count", "n"} == {key.name for key in record_keys("event_count")} - {key.name for key in record_keys("")}
    assert {*RATIO_MEASURES, *DIFFERENCE_MEASURES} < FIGURE_KEYS.keys()
    described = {key.name for key in EVIDENCE_KEYS["records"]}
    assert {name for names in FIGURE_KEYS.values() for name in names} <= described


def test_readers_refuse_what_is_not_described():
    scale = {"name": "s", "higher_is_worse": True, "status": [{"score": 1, "label": "a", "lable": "b"}]}
    with pytest.raises(InputError, match="did you mean 'label'"):
        scale_of_table(scale, where="scale")
    evidence = tomllib.loads((STROKE / "alteplase-evidence.toml").read_text("utf-8"))
    evidence["records"][0]["count"] = 3
    with pytest.raises(InputError, match="unknown key"):
        read_evidence(evidence, "evidence")

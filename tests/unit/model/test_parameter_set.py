import copy
import json
from importlib import resources

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.parameter_set import KEYS, load_parameter_set, shipped_parameter_sets
from jaksim.model.regimen import Regimen

OF_STUDIES = [name for name in shipped_parameter_sets() if load_parameter_set(name).pooling is None]


@pytest.fixture
def document():
    """A shipped parameter set as plain values, its draws cut to five."""
    file = resources.files("jaksim.model") / "parameter_data" / "recovery-dexamethasone.json"
    found = json.loads(file.read_text("utf-8"))
    found["draws"] = found["draws"][:5]
    return found


@pytest.fixture
def load(tmp_path):
    def read(document):
        path = tmp_path / "own.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return load_parameter_set(str(path))

    return read


@pytest.mark.parametrize("name", OF_STUDIES)
def test_shipped_sets_are_whole(name):
    found = load_parameter_set(name)
    assert found.name == found.study == name
    count = len(found.parameters)
    assert found.draws.shape == (200, count)
    np.testing.assert_allclose(found.covariance, found.covariance.T, rtol=1e-6, atol=1e-12)
    errors = np.array([p.standard_error for p in found.parameters])
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), errors, rtol=1e-6)
    free = np.array([not p.fixed for p in found.template.parameters])
    assert np.linalg.eigvalsh(found.covariance[np.ix_(free, free)])[0] > 0
    assert np.all(errors[~free] == 0)
    np.testing.assert_allclose(found.draws[:, ~free], np.tile(found.estimate[~free], (200, 1)))
    assert np.all(np.ptp(found.draws[:, free], axis=0) > 0)
    spread = found.draws[:, free].std(axis=0) / errors[free]
    assert np.all((spread > 0.4) & (spread < 1.8))
    assert len(found.hash) == 16
    assert found.natural_history_source


@pytest.mark.parametrize("name", OF_STUDIES)
def test_shipped_sets_make_a_disease_model_at_the_estimate_and_every_draw(name):
    found = load_parameter_set(name)
    for history, treatments in [(found.natural_history, found.treatments), found.draw(0), found.draw(199)]:
        model = DiseaseModel(natural_history=history, treatments=treatments, background=found.background)
        table = model.intensities(Regimen(tuple(treatments)), PatientType(6))
        assert np.isfinite(table.generators).all()
        np.testing.assert_allclose(table.generators.sum(axis=2), 0.0, atol=1e-12)
        off_diagonal = table.generators[:, ~np.eye(table.n_states, dtype=bool)]
        assert off_diagonal.min() >= 0
        assert off_diagonal.max() < 5.0


def test_a_draw_that_does_not_exist(load, document):
    found = load(document)
    for index in (-1, 5):
        with pytest.raises(InputError, match="0 to 4"):
            found.draw(index)


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(load, document, key):
    del document[key]
    with pytest.raises(InputError, match=rf"own.json: the key '{key}' is missing"):
        load(document)


@pytest.mark.parametrize("key", ["name", "estimate", "standard_error", "description"])
def test_a_missing_key_of_a_parameter_is_named(load, document, key):
    del document["parameters"][1][key]
    with pytest.raises(InputError, match=rf"parameter 2: the key '{key}' is missing"):
        load(document)


@pytest.mark.parametrize("key", ["scale", "move"])
def test_a_missing_key_of_the_model_is_named(load, document, key):
    del document["model"][key]
    with pytest.raises(InputError, match=rf"model: the key '{key}' is missing"):
        load(document)


def paths(value, at=()):
    """Every place in the first entries of a document."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*at, key))
    elif isinstance(value, list):
        for position, item in enumerate(value[:2]):
            yield from paths(item, (*at, position))


@pytest.mark.parametrize("junk", [None, "nonsense", -1, 2.5, True, [], {}, float("nan")])
def test_values_of_the_wrong_kind_never_get_past_as_another_error(load, document, junk):
    free = ("targets", "diagnostics", "assumptions", "provenance")
    refused = 0
    for path in [p for p in paths(document) if p[0] not in free or len(p) == 1]:
        changed = copy.deepcopy(document)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = junk
        try:
            load(changed)
        except InputError:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(format=99), "another format"),
        (lambda d: d["parameters"].reverse(), "parameters do not match the model"),
        (lambda d: d["parameters"].pop(), "parameters do not match the model"),
        (lambda d: d["parameters"][0].update(name="shift.improvment"), "parameters do not match the model"),
        (lambda d: d["covariance"].pop(), "covariance: needs"),
        (lambda d: [row.pop() for row in d["covariance"]], "covariance: needs"),
        (lambda d: d["draws"][0].pop(), "draws: must be rows of numbers"),
        (lambda d: [row.append(0.0) for row in d["draws"]], "draws: needs"),
        (lambda d: d["model"].update(scale="niaid-9"), "did you mean 'niaid-8'"),
        (lambda d: d["model"]["move"][0].update(profile="improvment"), "did you mean 'improvement'"),
        (lambda d: d["model"]["effect"][0].update(treatment="dexametasone"), "did you mean 'dexamethasone'"),
        (lambda d: d.update(provenence={}), "did you mean 'provenance'"),
        (lambda d: d["parameters"][0].update(standard_error=-1), "cannot be negative"),
    ],
)
def test_parts_that_do_not_fit_together(load, document, change, words):
    change(document)
    with pytest.raises(InputError, match=words):
        load(document)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\x7fELF\x00\x01\xff", "not a text file"),
        (b"{", "not a parameter set"),
        (b"[1, 2]", "a JSON object is needed"),
        (b"[" * 100_000, "not a parameter set"),
        (b"{}", "the key 'format' is missing"),
    ],
)
def test_a_file_that_holds_no_parameter_set(tmp_path, content, words):
    path = tmp_path / "own.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load_parameter_set(str(path))


def test_names_and_paths(load, document, tmp_path):
    with pytest.raises(InputError, match="did you mean 'actt-2'"):
        load_parameter_set("acct-2")
    with pytest.raises(InputError, match="no such file"):
        load_parameter_set(str(tmp_path / "none.json"))
    load(document)
    (tmp_path / "own.json").rename(tmp_path / "without-suffix")
    assert load_parameter_set(str(tmp_path / "without-suffix")).name == "recovery-dexamethasone"


def test_the_hash_follows_the_content(load, document):
    first = load(document).hash
    document["parameters"][0]["estimate"] += 1e-6
    assert load(document).hash != first

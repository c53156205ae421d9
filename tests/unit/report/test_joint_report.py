"""The report of a joint calibration, of the parameter set that comes with jaksim."""

import copy
import json
from importlib.resources import files

import pytest

from jaksim.report.formats.text import as_text
from jaksim.report.joint_calibration import joint_report


@pytest.fixture(scope="module")
def document():
    written = json.loads((files("jaksim.model") / "parameter_data" / "pooled.json").read_text())
    return {**written, "excluded": [], "elapsed_seconds": 1.0}


def words(document):
    return " ".join(as_text(joint_report(document)).split())


def test_each_drug_whose_composite_lies_apart_has_its_own_reason(document):
    said = words(document)
    assert "baricitinib: the largest part (-0.88) because trials that may differ are weighed more alike" in said
    assert "Without recovery-baricitinib the pooled ratio would be" in said
    assert "ruxolitinib: the largest part (-0.61) because one effect in all trials weighs every figure" in said
    assert "tocilizumab: the largest part" not in said


def test_reasons_are_those_of_the_numbers(document):
    changed = copy.deepcopy(document)
    one = changed["pooling"]["composites"][0]
    one["steps"] |= {"glucocorticoids": -3.0}
    one["trials"][1] |= {"moved": 2.5}
    said = words(changed)
    assert "baricitinib: the largest part (-3.00) because glucocorticoids may change the effect. cov-barrier" in said
    one["distance"] = 2.18
    one["steps"] |= {"other drugs": 1.5}
    assert "baricitinib: the largest part (+1.50) because the other drugs of the class have their say" in words(changed)
    for each in changed["pooling"]["composites"]:
        each["agrees"] = True
    assert "WHY THEY DIFFER" not in words(changed)


def test_sources_of_an_interaction_that_disagree_are_said_to(document):
    assert "the two agree (distance² 1.0 on 3, p 0.80)" in words(document)
    changed = copy.deepcopy(document)
    changed["pooling"]["interactions"][0]["p_value"] = 0.01
    changed["pooling"]["interactions"][1] |= {"df": 0, "studies": []}
    said = words(changed)
    assert "the two DISAGREE" in said
    assert "IL-6 receptor antagonist: no trial compares patients on and off." in said

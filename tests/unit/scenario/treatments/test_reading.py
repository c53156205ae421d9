"""Treatments of a parameter set with changes: of their windows, their sizes, one of their effects alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.verbs.draws import Uncertain, spread_of

ACTT2 = Path(__file__).parents[4] / "scenarios" / "actt2.toml"


@pytest.fixture
def actt2(tmp_path):
    """ACTT-2 with another table of its treatment."""
    text = ACTT2.read_text("utf-8")
    assert text.count('baricitinib = "actt-2"') == 1

    def write(table):
        path = tmp_path / "changed.toml"
        path.write_text(text.replace('baricitinib = "actt-2"', f"baricitinib = {table}"))
        return load_scenario(path)

    return write


@pytest.fixture(scope="module")
def shipped():
    return load_scenario("actt2")


def effects(scenario):
    return {effect.label: effect for effect in scenario.trial.disease.treatments["baricitinib"].effects}


def drawn(scenario, number=8):
    uncertain = Uncertain(scenario, spread_of(scenario, 0.0))
    return [uncertain.model(draw).treatments["baricitinib"].effects for draw in uncertain.draws(number, 1)]


def test_a_set_by_a_table_is_that_by_its_name(actt2, shipped):
    scenario = actt2('{ parameter_set = "actt-2" }')
    assert scenario.trial.disease.treatments == shipped.trial.disease.treatments
    assert drawn(scenario) == drawn(shipped)


def test_a_window_of_all_effects(actt2, shipped):
    scenario = actt2('{ parameter_set = "actt-2", window = { end = 10 } }')
    assert {effect.window.end for effect in effects(scenario).values()} == {10.0}
    rows = {tuple(row) for row in shipped.disease.parameter_sets["actt-2"].draws[:, -6:].tolist()}
    assert {tuple(effect.log_hazard_ratio for effect in one) for one in drawn(scenario)} <= rows
    assert {effect.window.end for one in drawn(scenario) for effect in one} == {10.0}
    lines = [line for line in scenario.assumptions if line.about == "baricitinib"]
    assert all("days 0-10" in line.statement and not line.published for line in lines)
    assert all("in the parameter set" in line.note and "days 0-14" in line.note for line in lines)


def test_the_size_of_one_effect_with_its_own_uncertainty(actt2, shipped):
    scenario = actt2(
        '{ parameter_set = "actt-2", effect = { label = "death", hazard_ratio = 0.5, interval = [0.25, 1.0], '
        'source = "Ann 2024" } }'
    )
    assert effects(scenario)["death"].log_hazard_ratio == math.log(0.5)
    others = {name: one for name, one in effects(scenario).items() if name != "death"}
    assert others == {name: one for name, one in effects(shipped).items() if name != "death"}
    rows = drawn(scenario, 400)
    deaths = np.array([one[-1].log_hazard_ratio for one in rows])
    assert deaths.mean() == pytest.approx(math.log(0.5), abs=0.03)
    assert deaths.std() == pytest.approx(math.log(4) / (2 * 1.96), rel=0.1)
    spread = np.array([one[-2].log_hazard_ratio for one in rows]).std()
    assert spread == pytest.approx(effects(shipped)["deterioration"].standard_error, rel=0.2)
    (line,) = [line for line in scenario.assumptions if line.source == "Ann 2024"]
    assert line.published
    assert line.ratio == pytest.approx(0.5)
    assert "0.75" in line.note


def test_a_size_without_uncertainty_is_fixed(actt2):
    scenario = actt2('{ parameter_set = "actt-2", effect = [{ label = "death", hazard_ratio = 0.5 }] }')
    assert scenario.exactly_known == ("part of the effect of baricitinib",)
    assert {one[-1].log_hazard_ratio for one in drawn(scenario)} == {math.log(0.5)}


def test_one_effect_can_be_stated_on_an_endpoint(actt2):
    scenario = actt2('{ parameter_set = "actt-2", effect = { label = "death", endpoint = "death", risk = 0.04 } }')
    stated = scenario.disease.stated["baricitinib", 5]
    assert stated.value == 0.04
    assert effects(scenario)["death"].window.end == 14.0
    assert effects(scenario)["death"].log_hazard_ratio == pytest.approx(math.log(stated.hazard_ratio))
    assert {one[-1].log_hazard_ratio for one in drawn(scenario)} == {effects(scenario)["death"].log_hazard_ratio}


def test_the_covariance_of_the_parts_is_that_of_the_draws(actt2):
    scenario = actt2(
        '{ parameter_set = "actt-2", effect = { label = "death", hazard_ratio = 0.5, standard_error = 0.3 } }'
    )
    uncertain = Uncertain(scenario, spread_of(scenario, 0.0))
    part = "effect of baricitinib"
    numbers = np.array([uncertain.numbers(part, draw) for draw in uncertain.draws(2000, 1)])
    found = uncertain.covariance(part, part)
    assert numbers.shape[1] == len(found) == 5 + 6
    assert np.sqrt(np.diag(np.cov(numbers.T))) == pytest.approx(np.sqrt(np.diag(found)), rel=0.1, abs=1e-12)
    cross = uncertain.covariance(part, "natural history")
    assert cross.shape[0] == len(found)
    assert not cross[5:].any()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('{ parameter_set = "act-2" }', "did you mean 'actt-2'?"),
        ('{ parameter_set = "recovery-dexamethasone" }', "has no such treatment"),
        ('{ parameter_set = "actt-2", effect = { label = "deaths", hazard_ratio = 2 } }', "did you mean 'death'?"),
        ('{ parameter_set = "actt-2", effect = { hazard_ratio = 2 } }', "which effect of the parameter set"),
        ('{ parameter_set = "actt-2", effect = { label = "death", standard_error = 1 } }', "without a size"),
        ('{ parameter_set = "actt-2", effect = { label = "death", hazard_ratio = -1 } }', "out of range"),
        (
            '{ parameter_set = "actt-2", effect = [{ label = "death", hazard_ratio = 2 }, '
            '{ label = "death", window = { end = 2 } }] }',
            "an effect is changed twice",
        ),
        ('{ parameter_set = "actt-2", window = { end = 0 } }', "a window must end after its start"),
        ('{ parameter_set = "actt-2", window = { edn = 4 } }', "did you mean 'end'?"),
        ('{ parameter_set = "actt-2", wndow = { end = 4 } }', "did you mean 'window'?"),
        ('{ parameter_set = "actt-2", effect = { label = "death", moves = "discharged" } }', "mean 'discharge'"),
        ('{ parameter_set = "actt-2", effect = 3 }', "a table or list of tables"),
        ('{ effect = { hazard_ratio = 2 } }', "the key is missing: moves"),
        ('{ effect = { moves = "death" } }', "the size of the effect is not given once"),
        ("3", "a text or a table"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(actt2, table, words):
    with pytest.raises(InputError) as caught:
        actt2(table)
    assert words in str(caught.value)

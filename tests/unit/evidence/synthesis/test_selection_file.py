import re
import tomllib
from importlib import resources
from itertools import chain
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.synthesis.selection_file import load_selection, selection_from, selection_ids

TEXT = (resources.files("jaksim.evidence") / "syntheses" / "mortality.toml").read_text("utf-8")


@pytest.fixture
def edited(tmp_path):
    """Load the mortality synthesis with one replacement."""

    def load(old, new):
        assert old in TEXT
        path = tmp_path / "own.toml"
        path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return load_selection(path)

    return load


@pytest.mark.parametrize("name", selection_ids())
def test_shipped_selections_name_records_that_exist(name):
    selection = load_selection(name)
    for trial in selection.trials:
        study = load_study(trial.study)
        for record in (trial.record, *chain(*trial.counts), *trial.modifier):
            assert record is None or record in study.records
    for entry in selection.excluded:
        assert load_study(entry.study).id == entry.study
        assert len(entry.reason) > 10


def test_nothing_of_actt4_enters():
    assert "actt-4" not in {trial.study for trial in load_selection("mortality").trials}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('better = "lower"', 'better = "less"', "better: unknown word"),
        ('measure = "odds_ratio"', 'measure = "odds_rato"', "did you mean 'odds_ratio'"),
        ('class = "jak_inhibitor"\nagent', 'class = "jak_inhibitors"\nagent', "did you mean 'jak_inhibitor'"),
        ('family = "half_normal"', 'family = "halfnormal"', "did you mean 'half_normal'"),
        ("scale = 0.25", "scale = -0.25", "priors.between_studies, scale: the scale of a prior is positive"),
        ("standard_deviation = 1.0", "standard_deviation = 0", "a prior standard deviation is positive"),
        ("differ_by = 1.25", "differ_by = 0.8", "a ratio above 1"),
        ("[[excluded]]", "[[exclude]]", "did you mean 'excluded'"),
        ('record = "ipdma_mortality_odds_ratio_day28.all"\n', "", "trials 2: either `record`, or two `counts`"),
        ('glucocorticoid = ["glucocorticoid_use.all"]\n', "", "trials 2: `glucocorticoid` is not clear"),
        ('reason = "an antiviral, not an immunomodulator"', 'reason = ""', "excluded 1, reason: must be text"),
        ("[priors.effect]", "[priors.effects]", "did you mean 'effect'"),
        ('unit = "per unit', 'units = "per unit', "did you mean 'unit'"),
    ],
)
def test_a_faulty_file_gets_one_message(edited, old, new, words):
    with pytest.raises(InputError, match=r"own\.toml") as caught:
        edited(old, new)
    assert words in str(caught.value)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="did you mean 'mortality'"):
        load_selection("mortalty")


def _allowed(read, *given):
    with pytest.raises(InputError, match="unknown key") as fault:
        read(*given)
    return fault.value.allowed


def _entry(part):
    return {part: [{"nonsense": 1}]}


def test_the_documentation_names_every_key_of_a_question():
    whole = tomllib.loads(TEXT)
    text = (Path(__file__).parents[4] / "docs" / "synthesis.md").read_text("utf-8")
    table = text.partition("## Your own question")[2].partition("```")[0]
    keys = set(_allowed(selection_from, {**whole, "nonsense": 1}, "x"))
    for part in ("trials", "excluded"):
        keys |= set(_allowed(selection_from, whole | _entry(part), "x"))
    for part in ("interaction", "priors", "class_against_agent"):
        keys |= set(_allowed(selection_from, whole | {part: {**whole[part], "nonsense": 1}}, "x"))
    within = {"interaction": {**whole["interaction"], **_entry("within")}}
    keys |= set(_allowed(selection_from, whole | within, "x"))
    assert not [key for key in sorted(keys) if not re.search(rf"[`.\[]{key}[`.\]]", table)]

from pathlib import Path

import pytest

from jaksim.calibration.joint.selection import joint_selections, load_joint_selection
from jaksim.errors import InputError

EXAMPLE = Path("docs/examples/intensive-care.toml")
TEXT = EXAMPLE.read_text("utf-8")


@pytest.fixture
def load(tmp_path):
    def read(old="", new=""):
        assert old in TEXT
        path = tmp_path / "own.toml"
        path.write_text(TEXT.replace(old, new, 1), "utf-8")
        return load_joint_selection(path)

    return read


def test_a_trial_known_by_deaths_is_made_from_its_entry(load):
    study = load().trials[1].study
    assert study.arms["hydrocortisone"].regimen == ("hydrocortisone",)
    assert study.arms["control"].patients == {"ventilated": 59.0, "not_ventilated": 14.0}
    assert [target.id for target in study.targets] == [
        f"deaths_day28.{stratum}.{arm}"
        for stratum in ("ventilated", "not_ventilated")
        for arm in ("hydrocortisone", "control")
    ]
    shifts = {name for name in study.template.names if name.startswith("shift.")}
    assert shifts == {
        f"shift.{name}" for name in ("death_ventilated", "death_not_ventilated", "improvement", "deterioration")
    }


def test_glucocorticoid_trials_have_no_share(load):
    assert {trial.share for trial in load().trials} == {None}


def test_shipped_selection_names_months_shares_and_reasons():
    assert "pooled" in joint_selections()
    found = load_joint_selection()
    assert len(found.trials) >= 28
    for trial in found.trials:
        interacts = trial.drug.treatment_class in found.interacting
        assert (trial.share is not None) == interacts
        assert trial.study.name != "actt-4"
    share = {trial.study.name: trial.share for trial in found.trials}
    assert share["cov-barrier"] == pytest.approx((612 + 592) / (764 + 761))
    assert all(found.priors.reasons.values())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('study = "codex"', 'study = "codeks"', "trial 1"),
        ('drug = "dexamethasone"', 'drug = "dexamethason"', "unknown drug"),
        ('"deaths_day28.ventilated" = ["ventilated"]', '"deaths_day28.asleep" = ["ventilated"]', "no such record"),
        ('"deaths_day28.ventilated" = ["ventilated"]', '"deaths_day28.ventilated" = ["ward"]', "unknown stratum"),
        ('death = { "deaths_day28.ventilated" = ["ventilated"] }', "", "at least one figure"),
        ('base = "recovery-dexamethasone"\n', "", "'base' is missing"),
        ('arms = ["dexamethasone", "control"]', 'arms = ["dexamethasone"]', "two arms"),
        ("value = 1.0", "value = -1.0", "priors"),
        ("treatment_days = 10", "treatment_days = 0", "above 0"),
        ("until = 28", "until = -1", "above 0"),
        ('reason = "hazard ratios', 'why = "hazard ratios', "unknown key"),
        ('cell."death.ventilated"', 'cell."dying.ventilated"', "begins with its kind"),
        ('study = "codex"', 'study = "la-rosee-2020"', "trial 1"),
        ('study = "cape-covid"', 'study = "codex"', "trial 2"),
    ],
)
def test_a_fault_is_named(load, old, new, says):
    with pytest.raises(InputError, match=says):
        load(old, new)


def test_an_unknown_selection_is_refused():
    with pytest.raises(InputError, match="unknown selection"):
        load_joint_selection("poold")


@pytest.mark.parametrize(
    ("share", "says"),
    [
        ("", "not clear"),
        ("glucocorticoid = []", "at least one record"),
        ('glucocorticoid_missing = { share = 79, why = "per cent" }', "0 to 1"),
        ('glucocorticoid = ["age.all"]', "a proportion is needed"),
        (
            'glucocorticoid = ["deaths_day28.all.control"]\nglucocorticoid_missing = { share = 0, why = "-" }',
            "not clear",
        ),
    ],
)
def test_a_class_that_interacts_needs_the_share_of_each_trial(tmp_path, share, says):
    interacting = '[interaction]\nclasses = ["glucocorticoid"]\nwith = "another"\n\n[drug.dexamethasone]'
    changed = TEXT.replace("[drug.dexamethasone]", interacting, 1)
    path = tmp_path / "own.toml"
    path.write_text(changed.replace('drug = "dexamethasone"\n', f'drug = "dexamethasone"\n{share}\n', 1), "utf-8")
    with pytest.raises(InputError, match=says):
        load_joint_selection(path)

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
        (
            'arms = ["dexamethasone", "control"]',
            'arms = ["control", "dexamethasone"]',
            "trial 1 .codex., arms: arm 'contr",
        ),
        ('study = "cape-covid"\ndrug = "hydro', 'study = "cape-covid"\ndrug = "dexametha', "unknown drug"),
        ('drug = "hydrocortisone"', 'drug = "dexamethasone"', "trial 2 .cape-covid., drug: no arm of cape-covid"),
        ('moves = ["death"]', 'moves = ["improvement"]', "cell death.not_ventilated, moves: a cell named death"),
        ("current_scores = [7]", "current_scores = [6, 7]", "6>8 is by 'death.not_ventilated' too"),
        ("until = 28", "until = 400", "followed for so long"),
        (
            'death = { "deaths_day28.ventilated" = ["ventilated"] }',
            'discharge = { "deaths_day28.ventilated" = ["ventilated"] }',
            "discharge, deaths_day28.ventilated: the record counts another event",
        ),
        ("value = 1.0", "value = 0", "priors, class_sd: no class could have any effect"),
        ('base = "recovery-dexamethasone"', 'base = "pooled"', "pooled holds effects alone and no natural history"),
    ],
)
def test_a_fault_is_named(load, old, new, says):
    with pytest.raises(InputError, match=says):
        load(old, new)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ('[[excluded]]\nstudy = "codex"\nreason = "-"\n', "excluded 1, study: the study is a trial"),
        ('[[excluded]]\nstudy = "codx"\nreason = "-"\n', "excluded 1, study: unknown study.*did you mean 'codex'"),
        ('[[excluded]]\nstudy = "metcovid"\nreason = "-"\n' * 2, "excluded 2, study: each study once"),
        ('[[excluded]]\nstudy = "metcovid"\n', "excluded 1: .*'reason'"),
    ],
)
def test_what_is_left_out_is_known_and_no_trial(load, entries, says):
    with pytest.raises(InputError, match=says):
        load('[[trial]]\nstudy = "codex"', f'{entries}\n[[trial]]\nstudy = "codex"')


def test_a_study_of_the_catalogue_is_left_out(load):
    entry = '[[excluded]]\nstudy = "metcovid"\nreason = "another drug"\n\n'
    found = load('[[trial]]\nstudy = "codex"', f'{entry}[[trial]]\nstudy = "codex"')
    assert found.excluded == ({"study": "metcovid", "reason": "another drug"},)


def own(tmp_path, *, study, drug, more=""):
    head = TEXT[: TEXT.index("[[trial]]")].replace("dexamethasone", drug)
    path = tmp_path / "own.toml"
    path.write_text(f'{head}[[trial]]\nstudy = "{study}"\ndrug = "{drug}"\n{more}', "utf-8")
    return load_joint_selection(path)


@pytest.mark.parametrize(
    ("study", "drug", "more", "says"),
    [
        ("actt-2", "tofacitinib", 'treatments = ["baricitinib"]', "no arm of actt-2 had the drug"),
        ("actt-2", "baricitinib", 'treatments = ["remdesivir"]', "arm 'placebo' stands for the drug"),
        ("codex", "dexamethasone", 'file = "recovery-dexamethasone"', "does not have"),
    ],
)
def test_a_calibrated_study_is_of_the_trial_and_the_drug(tmp_path, study, drug, more, says):
    with pytest.raises(InputError, match=says):
        own(tmp_path, study=study, drug=drug, more=more)
    assert own(tmp_path, study="actt-2", drug="baricitinib").trials[0].treatments == ("baricitinib",)


@pytest.mark.parametrize(
    ("event", "record", "says"),
    [
        ("death", "ipdma_deaths_day60.all", "counts to another day"),
        ("ventilation_or_death", "ipdma_deaths_day28.all", "counts another event"),
    ],
)
def test_a_figure_counts_what_its_key_says_to_day_28(tmp_path, event, record, says):
    known = 'base = "actt-2"\narms = ["baricitinib_both", "placebo_both"]\nstratum = { all = { 5 = 1.0 } }\n'
    good = own(
        tmp_path,
        study="cov-barrier",
        drug="baricitinib",
        more=f"""{known}death = {{ "ipdma_deaths_day28.all" = ["all"] }}""",
    )
    assert len(good.trials[0].study.targets) == 2
    with pytest.raises(InputError, match=says):
        own(tmp_path, study="cov-barrier", drug="baricitinib", more=f"""{known}{event} = {{ "{record}" = ["all"] }}""")


@pytest.mark.parametrize(
    ("study", "drug", "composite", "says"),
    [
        (
            "remap-cap-tocilizumab",
            "tocilizumab",
            'records = ["ventilation_or_death.not_ventilated.control", '
            '"ventilation_or_death.not_ventilated.tocilizumab"]',
            "composite, records, arms: arm 'control' stands for the drug",
        ),
        (
            "stop-covid",
            "tofacitinib",
            'measure = "risk_ratio", records = ["ipdma_ventilation_or_death_odds_ratio_day28.not_ventilated"]',
            "the record has another measure",
        ),
        (
            "remap-cap-tocilizumab",
            "tocilizumab",
            'records = ["ventilation_or_death.not_ventilated.control"]',
            "a count of each arm",
        ),
    ],
)
def test_a_composite_sets_the_drug_against_the_control(tmp_path, study, drug, composite, says):
    with pytest.raises(InputError, match=says):
        own(tmp_path, study=study, drug=drug, more=f"composite = {{ scores = [7, 8], {composite} }}")


def test_an_unknown_selection_is_refused():
    with pytest.raises(InputError, match="unknown selection") as raised:
        load_joint_selection("poold")
    assert "--" not in raised.value.in_flags()


@pytest.mark.parametrize(
    ("share", "says"),
    [
        ("", "not clear"),
        ("glucocorticoid = []", "at least one record"),
        ('glucocorticoid_missing = { share = 79, why = "per cent" }', "0 to 1"),
        ('glucocorticoid = ["age.all"]', "a proportion is needed"),
        ('glucocorticoid = ["deaths_day28.all.control"]', "no share on glucocorticoids"),
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


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("src/jaksim/calibration/studies/codex.toml", "study file: one trial by itself.*without --joint"),
        ("src/jaksim/evidence/catalog/tang.toml", 'file of evidence.*study = "tang"'),
    ],
)
def test_a_file_of_another_sort_is_called_by_its_name(path, says):
    with pytest.raises(InputError, match=says):
        load_joint_selection(path)

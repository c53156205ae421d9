import pytest

from jaksim.calibration.joint.arms import check_arms, check_contrast
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study


def test_the_arm_of_the_drug_and_its_control_pass():
    check_contrast(load_study("codex"), "dexamethasone", "control", "dexamethasone")
    check_contrast(load_study("actt-2"), "baricitinib", "placebo", "baricitinib")
    check_contrast(load_study("ghazaeian"), "tofacitinib", "control", "tofacitinib")
    check_arms(load_study("recovery-baricitinib"), {"usual-care": False, "baricitinib": True}, "baricitinib")


@pytest.mark.parametrize(
    ("study", "active", "control", "drug", "says"),
    [
        ("codex", "control", "dexamethasone", "dexamethasone", "'control' stands for the drug"),
        ("cov-barrier", "placebo", "baricitinib", "baricitinib", "'placebo' stands for the drug"),
        ("codex", "dexamethasone", "dexamethasone", "dexamethasone", "'dexamethasone' stands for the control"),
        ("cape-covid", "hydrocortisone", "control", "dexamethasone", "no arm of cape-covid had the drug"),
        ("actt-2", "baricitinib", "placebo", "tofacitinib", "no arm of actt-2 had the drug"),
        ("remap-cap-tocilizumab", "sarilumab", "control", "tocilizumab", "'sarilumab' stands for the drug"),
        ("remap-cap-tocilizumab", "tocilizumab", "sarilumab", "tocilizumab", "differ by sarilumab too"),
        ("codex", "dexa", "control", "dexamethasone", "unknown arm"),
    ],
)
def test_what_the_catalogue_contradicts_is_refused(study, active, control, drug, says):
    with pytest.raises(InputError, match=says):
        check_contrast(load_study(study), active, control, drug)


def test_a_study_file_whose_arms_are_exchanged_is_refused():
    with pytest.raises(InputError, match="'usual-care' stands for the drug"):
        check_arms(load_study("recovery-baricitinib"), {"usual-care": True, "baricitinib": False}, "baricitinib")


def test_another_drug_of_both_arms_is_not_the_drug_of_the_trial():
    with pytest.raises(InputError, match="'placebo' stands for the drug"):
        check_arms(load_study("actt-2"), {"placebo": True, "baricitinib": True}, "baricitinib")

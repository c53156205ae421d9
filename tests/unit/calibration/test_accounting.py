"""Every published figure of a study is fitted, checked, or left out for a reason."""

from importlib import resources

import pytest

from jaksim.calibration.accounting import Excluded, by_reason, excluded_figures, unused_figures
from jaksim.calibration.study import calibrated_studies, load_calibration_study
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study

RECORDS = ("deaths.all", "deaths.old", "fever.all", "fever.old")


def test_names_may_stand_for_many_records_and_the_first_reason_holds():
    entries = [
        {"records": ["fever.*"], "reason": "not on the scale"},
        {"records": ["*.old"], "reason": "age is not in the model"},
    ]
    found = excluded_figures(entries, RECORDS, {"deaths.all"})
    assert found == (
        Excluded("deaths.old", "age is not in the model"),
        Excluded("fever.all", "not on the scale"),
        Excluded("fever.old", "not on the scale"),
    )
    assert by_reason([vars(figure) for figure in found]) == {
        "age is not in the model": ["deaths.old"],
        "not on the scale": ["fever.all", "fever.old"],
    }


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"records": ["fewer.*"], "reason": "x"}, "no such record"),
        ({"records": ["fever"], "reason": "x"}, "no such record"),
        ({"records": ["deaths.*"], "reason": "x"}, "not both"),
        ({"records": ["fever.*"]}, "reason"),
        ({"records": ["fever.*"], "reason": " "}, "reason"),
        ({"records": ["fever.*"], "reason": "x", "why": "y"}, "unknown key"),
        ("fever.*", "table"),
    ],
)
def test_slips_are_refused(entry, words):
    with pytest.raises(InputError, match=words):
        excluded_figures([entry], RECORDS, {"deaths.all"})


def test_what_is_neither_is_unused():
    excluded = (Excluded("fever.all", "x"),)
    assert unused_figures(RECORDS, {"deaths.all"}, excluded) == ("deaths.old", "fever.old")


@pytest.mark.parametrize("name", calibrated_studies())
def test_no_figure_of_a_shipped_study_is_passed_over(name, study_of):
    study = study_of(name)
    assert study.unused == ()
    targets = {target.id for target in study.targets}
    excluded = {figure.record for figure in study.excluded}
    assert targets.isdisjoint(excluded)
    assert targets | excluded == set(load_study(name).records)
    assert all(len(figure.reason) > 10 for figure in study.excluded)


def test_a_study_of_ones_own_says_what_it_passes_over(small):
    """The small file mentions five figures of ACTT-2 and leaves nothing out in words."""
    assert small.excluded == ()
    assert set(small.unused) == set(load_study("actt-2").records) - {target.id for target in small.targets}
    text = (resources.files("jaksim.evidence") / "catalog" / "actt-2.toml").read_text("utf-8")
    assert all(f'id = "{record}"' in text for record in small.unused)


def test_a_slip_in_a_file_names_the_place(tmp_path, small_text):
    path = tmp_path / "own.toml"
    path.write_text(small_text + '\n[[excluded]]\nrecords = ["infections.all.placeb"]\nreason = "not on the scale"\n')
    with pytest.raises(InputError, match=r"excluded 1, records.*did you mean 'infections.all.placebo'"):
        load_calibration_study(str(path))

"""The report of `show`."""

import pytest

import jaksim
from jaksim.report.showing.distributions import _groups
from jaksim.report.showing.numbers import intensity_digits


def test_the_report_tells_of_every_part():
    text = jaksim.show("stroke-alteplase", days=[30]).report()
    for words in ("hours 3.75", "EXPECTED DISTRIBUTION", "throughout", "1.69 on 0 to 7, 1.00 on 7 to 90"):
        assert words in text
    assert "Recreate: jaksim show stroke-alteplase --days 30" in text


def test_a_trial_without_windows_and_ordinal_endpoints_has_neither_part():
    text = jaksim.show("delayed-effect", changes=["disease.treatments.drug.effect.0.window={ start = 0 }"]).report()
    assert "EFFECTS THAT ACT" not in text
    assert "EXPECTED DISTRIBUTION" not in text
    assert "withdrawn" in text


def test_intensities_have_as_many_decimals_as_the_smallest_needs():
    assert [intensity_digits(values) for values in ([0.2, 0.0], [0.2, 0.0018], [0.1, 1e-9], [])] == [3, 4, 6, 3]


def test_many_categories_are_told_together():
    names = _groups([str(rank) for rank in range(30)])
    assert len(names) == 10
    assert names["3 to 5"] == ["3", "4", "5"]


def test_what_differs_by_patient_and_day_is_told_of_by_ranges():
    shown = jaksim.show("actt2-by-onset")
    text = shown.report()
    assert len(text.splitlines()) < 200
    (row,) = (line for line in text.splitlines() if line.split()[:2] == ["6>5", "improvement"])
    values = [one.arms[1] for one in shown.moves if one.move == "6>5"]
    assert row.split()[-3:] == [f"{min(values):.4f}", "to", f"{max(values):.4f}"]
    assert "by patient and day" in text
    (window,) = shown.windows
    assert window.windows == ("days 0 to 14", "in step with the phase inflammation")


def test_effects_in_step_with_a_phase_are_set_beside_lasting_ones():
    (by_onset,) = jaksim.show("actt2-by-onset").windows
    no_window = ['disease.treatments.baricitinib={ parameter_set = "actt-2", window = { start = 0 } }']
    lasting = next(one for one in jaksim.show("actt2", changes=no_window).occupation if one.arm == "baricitinib")
    assert by_onset.throughout[-1] == pytest.approx(lasting.probability[-1], rel=1e-9)

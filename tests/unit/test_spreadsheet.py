import pytest

from jaksim.spreadsheet import disarmed, rearmed


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        '-2+HYPERLINK("http://x")',
        "@SUM(1)",
        "\t=1",
        " =1",
        "＝1",
        "- remdesivir",
        "-1-1",
        "-2 %x",
        "-1 points()",
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(name):
    assert disarmed(name) == f"'{name}"
    assert rearmed(disarmed(name)) == name


@pytest.mark.parametrize(
    "name",
    ["placebo", "-5", "+1.5e3", "-.5", "-9.8 % points", "+0.2 days", "5=", "score 4", "", "'quoted'", "a@b", "'"],
)
def test_other_names_and_numbers_stay_as_they_are(name):
    assert disarmed(name) == name
    assert rearmed(name) == name

"""The unit of times is printed where it is known, and options are lists where their values are."""

import re

import pandas as pd
import pytest

import jaksim as package
from jaksim.errors import InputError

ROWS = {
    "arm": ["placebo"] * 5 + ["drug"] * 5,
    "time": [0.5, 2.25, 3.0, 4.67, 1.33, 6.67, 2.33, 5.0, 4.33, 6.0],
    "status": [1, 1, 1, 0, 1, 0, 1, 0, 1, 0],
}
METHODS = ["--method", "rmst_difference", "--method", "kaplan_meier_difference"]


@pytest.fixture
def data(tmp_path):
    def write(**columns):
        pd.DataFrame({**ROWS, **columns}).to_csv(tmp_path / "data.csv", index=False)
        return tmp_path / "data.csv"

    return write


def test_times_without_a_unit_are_no_days(jaksim, data):
    found = jaksim("analyze", data(), *METHODS)
    assert "Times run to 6.67; their unit is not told." in found.out
    assert not re.search(r"\bdays?\b", found.out.lower())
    document = jaksim("analyze", data(), *METHODS, "--json").json
    assert [one["time_unit"] for one in document["results"]] == [None, None]
    assert (document["endpoints"][0]["time_unit"], document["endpoints"][0]["longest_time"]) == (None, 6.67)


@pytest.mark.parametrize("unit", ["months", "weeks", "days"])
def test_the_unit_is_that_told_and_changes_no_number(jaksim, data, unit):
    path = data()
    plain = jaksim("analyze", path, *METHODS, "--json").json["results"]
    found = jaksim("analyze", path, *METHODS, "--time-unit", unit, "--json").json["results"]
    assert found == [{**one, "time_unit": unit} for one in plain]
    text = jaksim("analyze", path, *METHODS, "--unit", unit).out.replace("\xa0", " ")
    assert f"Times run to 6.67 {unit}." in text
    assert re.search(rf"-?\d\.\d+ {unit} ", text)
    assert ("day" in text.lower()) == (unit == "days")


@pytest.mark.parametrize(
    ("name", "unit"), [("time_months", "months"), ("OS (weeks)", "weeks"), ("futime.yrs", "years"), ("daytime", None)]
)
def test_a_unit_in_the_name_of_the_column(name, unit):
    frame = pd.DataFrame(ROWS).rename(columns={"time": name})
    assert package.analyze(frame, method="cox", time=name).data[0].time_unit == unit
    if unit:
        with pytest.raises(InputError, match=f"the column is named after {unit}"):
            package.analyze(frame, method="cox", time=name, time_unit="days")


@pytest.mark.parametrize(
    ("time", "words", "message"),
    [
        (range(1000, 1010), {"time_unit": "years"}, "1,009 years is longer than a life"),
        (range(1700, 1710), {"time_unit": "months"}, "longer than a life"),
        (range(20201101, 20201111), {}, "the times look like dates"),
        ([*range(1, 10), 20210304], {}, r"the times look like dates \(got 20210304\)"),
        (range(44000, 44010), {}, "dates of a spreadsheet"),
        (range(10), {"time_unit": "fortnights"}, "unknown unit of time"),
    ],
)
def test_times_that_cannot_be_meant(time, words, message):
    with pytest.raises(InputError, match=message):
        package.analyze({**ROWS, "time": list(time)}, method="cox", **words)


def test_a_scenario_counts_days():
    scenario = package.load_scenario("actt2")
    frame = pd.DataFrame(ROWS).rename(columns={"time": "time_to_recovery_time", "status": "time_to_recovery_status"})
    words = {"method": "cox", "scenario": scenario, "endpoint": "time to recovery"}
    found = package.analyze(frame, **words)
    assert found.data[0].time_unit == "days"
    assert any("7 time(s) in 'time_to_recovery_time' are not whole" in note for note in found.notes)
    longer = package.analyze(frame.assign(time_to_recovery_time=range(24, 34)), **words)
    assert any("run to 33, the endpoint of the scenario to day 28" in note for note in longer.notes)
    assert not package.analyze(frame.assign(time_to_recovery_time=range(10)), **words).notes


def test_lists_on_the_command_line(jaksim, refused, data):
    path = data(score=[1, 2, 3, 4, 2, 3, 4, 1, 2, 1])
    one = jaksim("analyze", path, "--method", "max_combo", "--option", "max_combo.weights=[[0,0],[0,1]]", "--json")
    typed = package.analyze(path, method="max_combo", options={"weights": [[0, 0], [0, 1]]}).analyses[0].result
    assert one.json["results"][0]["options"]["weights"] == [[0, 0], [0, 1]]
    assert one.json["results"][0]["statistic"] == pytest.approx(typed.statistic, rel=1e-12)
    words = ("analyze", path, "--method", "max_combo", "--option")
    assert "not a list (got '0,1'); allowed: such as [[0, 0], [0, 1]]" in refused(*words, "weights=0,1")
    assert "not a list" in refused(*words, "weights=[[0,1]")
    free = ("analyze", path, "--method", "partial_proportional_odds", "--json", "--option")
    results = [jaksim(*free, text).json["results"][0]["estimate"] for text in ("free=2,3", "free=[2, 3]")]
    assert results[0] == results[1]

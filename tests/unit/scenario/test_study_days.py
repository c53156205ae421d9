"""Study days that a reader could take for days since randomisation are noticed."""

from pathlib import Path

import pytest

from jaksim.scenario import load_scenario
from jaksim.verbs.power import power

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"


def noted(*changes):
    found = load_scenario(SMALL, changes=changes)
    return found, [one for one in found.assumptions if one.about == "study days"]


def test_randomisation_that_is_taken_for_study_day_1_is_an_assumption():
    found, (one,) = noted()
    assert found.trial.day_of_randomisation == 1
    assert one.statement == "randomisation is study day 1, so that day 8 is 7 days after it"
    assert not one.published
    assert "day_of_randomisation" in one.note


@pytest.mark.parametrize("first", [0, 1])
def test_nothing_is_noted_where_the_day_is_given_and_no_endpoint_ends_a_day_short(first):
    assert noted(f"follow_up.day_of_randomisation={first}")[1] == []


@pytest.mark.parametrize(("changes", "last"), [((), 11), (("follow_up.day_of_randomisation=0",), 10)])
def test_an_endpoint_that_ends_one_day_before_the_follow_up_is_named(changes, last):
    found, notes = noted(*changes, f"endpoint.score.day={last - 1}")
    assert found.trial.horizon == 10
    assert notes[-1].statement == (
        f"'score': day {last - 1} is one day before the end of the 10 days of follow-up, which is study day {last}"
    )
    assert all("one day before" not in one.statement for one in noted(*changes, f"endpoint.score.day={last}")[1])


def test_all_endpoints_that_end_a_day_short_are_named_together():
    _, notes = noted("follow_up.day_of_randomisation=1", "endpoint.score.day=10", "endpoint.death.day=10")
    assert [one.statement.split(":")[0] for one in notes] == ["'score', 'death'"]


def test_the_remark_stands_in_the_report_of_a_power_and_in_its_json():
    found, _ = noted("endpoint.score.day=10")
    result = power(found, replicates=100, seed=1)
    assert "'score': day 10 is one day before the end" in " ".join(result.report().split())
    assert any("one day before the end" in line["statement"] for line in result.as_dict()["assumptions"])

import pytest

from jaksim.errors import InputError
from jaksim.trial.trigger import Condition, parse_trigger


def test_and_binds_before_or():
    found = parse_trigger(" complete >= 50 % and day >= 120 or events(death or ventilation)>=300 ")
    assert found.groups == (
        (Condition("complete", 0.5, True), Condition("day", 120.0)),
        (Condition("events", 300.0, False, "death or ventilation"),),
    )
    assert [one.quantity for one in found.conditions] == ["complete", "day", "events"]
    assert parse_trigger(str(found)) == found


def test_numbers_may_be_written_in_any_way():
    assert parse_trigger("patients >= 1e3").conditions == (Condition("patients", 1000.0),)
    assert parse_trigger("events(time to recovery) >= 62.5%").conditions == (
        Condition("events", 0.625, True, "time to recovery"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs a condition"),
        (50, "needs a condition"),
        ("complete > 50 %", "cannot be read"),
        ("complete >= half", "cannot be read"),
        ("complete >= 1e", "no number"),
        ("complete >= 50 % and", "cannot be read"),
        ("complet >= 50 %", "did you mean 'complete'"),
        ("day >= 50 %", "calendar has no end"),
        ("complete >= 0 %", "share is out of range"),
        ("events >= 101 %", "share is out of range"),
        ("events >= 2.5", "whole number"),
        ("events >= 0", "whole number"),
        ("patients(death) >= 5", "belongs to no endpoint"),
    ],
)
def test_refusals_say_what_is_allowed(text, message):
    with pytest.raises(InputError, match=message):
        parse_trigger(text)

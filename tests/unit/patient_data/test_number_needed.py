"""Patients for one event fewer or more, beside a difference of risks."""

import pytest

import jaksim


def rows(*arms):
    columns = {"arm": [], "event": []}
    for name, events, n in arms:
        columns["arm"] += [name] * n
        columns["event"] += [1] * events + [0] * (n - events)
    return columns


def needed(active, reference, method="risk_difference"):
    found = jaksim.analyze(rows(("b", *active), ("a", *reference)), method=method, event="event", reference="a")
    return found, found.as_dict()["results"][0].get("number_needed")


def test_a_clear_difference_has_two_numbers():
    found, numbers = needed((24, 515), (57, 518))
    low, high = found.as_dict()["results"][0]["ci"]
    assert numbers["number"] == pytest.approx(1 / (57 / 518 - 24 / 515))
    assert numbers["events"] == "fewer"
    assert numbers["interval"] == pytest.approx([-1 / low, -1 / high])
    assert "patients for one event fewer (" in found.report()


def test_an_unclear_one_goes_through_infinity():
    found, numbers = needed((40, 200), (36, 200))
    low, high = found.as_dict()["results"][0]["ci"]
    assert (numbers["events"], numbers["interval"]) == ("more", None)
    assert (numbers["fewer_from"], numbers["more_from"]) == pytest.approx((-1 / low, 1 / high))
    assert "or more for one fewer" in found.report()


def test_no_difference_needs_no_number():
    found, numbers = needed((10, 100), (10, 100))
    assert numbers["number"] is None
    assert "the risks do not differ" in found.report()


def test_a_ratio_has_none():
    assert needed((24, 515), (57, 518), "risk_ratio")[1] is None

"""What becomes of patients in screening, given how long they have been there."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.operations.running.in_screening import InScreening, ScreeningShares
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario import load_scenario
from jaksim.trial.operations.day_law import day_law
from jaksim.trial.operations.screening import Reason, Screening

SITES = Path(__file__).parents[3] / "scenarios" / "sites.toml"
TRIAL = load_scenario(SITES).trial
DELAY = day_law("listed", {"days": [0, 2, 5, 9], "probabilities": [0.4, 0.3, 0.2, 0.1]})
AGAIN = day_law("listed", {"days": [3, 6, 10], "probabilities": [0.5, 0.3, 0.2]})
PLAN = Screening((Reason("a", 0.2, again=True), Reason("b", 0.1)), DELAY, 0.5, AGAIN, 0.6)
MOST_Z = 4.0
REPLICATES = np.arange(6000)


def log_of(*rows, on=20, screening=PLAN):
    every = [("activated", 0, "", ""), *rows]
    data = {name: [str(row[i]) for row in every] for i, name in enumerate(("event", "day", "patient", "reason"))}
    data["site"] = ["Here 1"] * len(every)
    return read_log(columns_of(data), TRIAL, replace(TRIAL.operations, screening=screening), on)


def drawn(log, screening=PLAN, eligible=0.7):
    waiting = InScreening.of(log, screening)
    ready, outcome = waiting.drawn(3, REPLICATES, np.full((len(REPLICATES), 1), eligible))
    return waiting, np.floor(ready).astype(int), outcome == -1


def close(share, p):
    return abs(share - p) <= MOST_Z * math.sqrt(max(p * (1.0 - p), 1e-9) / len(REPLICATES))


@pytest.mark.parametrize(
    ("day", "laws"), [(20, {2: 0.5, 5: 1 / 3, 9: 1 / 6}), (17, {5: 2 / 3, 9: 1 / 3}), (13, {9: 1.0})]
)
def test_who_waits_passes_after_the_planned_delay_given_how_long_she_has(day, laws):
    """By the plan failures are known at once, so whoever waits passes."""
    _, ready, passes = drawn(log_of(("screened", day, "x", "")))
    assert passes.all()
    for days, p in laws.items():
        assert close(float((ready[:, 0] == day + days).mean()), p)


def test_failures_that_took_long_in_the_log_make_others_possible():
    """Of four failures two were known after three days or more: F(2) = 1/2, S(2) = 0.3, p = 0.7."""
    rows = [("screened", 5, f"f{i}", "") for i in range(4)]
    rows += [("failed", 5 + lag, f"f{i}", "b") for i, lag in enumerate((0, 1, 3, 6))]
    _, _, passes = drawn(log_of(*rows, ("screened", 18, "x", "")))
    p = 0.7 * 0.3 / (0.7 * 0.3 + 0.3 * 0.5)
    assert close(float(passes.mean()), p)


def test_who_waits_longer_than_can_be_is_decided_on_the_next_day():
    waiting, ready, passes = drawn(log_of(("screened", 2, "x", "")))
    assert waiting.overdue.tolist() == [True]
    assert (ready == 21).all()
    assert close(float(passes.mean()), 0.7)


@pytest.mark.parametrize(("day", "left"), [(20, 1.0), (16, 0.5), (13, 0.2)])
def test_who_failed_comes_back_as_planned_given_that_she_has_not_yet(day, left):
    waiting, ready, passes = drawn(log_of(("screened", day, "x", ""), ("failed", day, "x", "a")))
    assert waiting.back.tolist() == [True]
    assert close(float(passes.mean()), 0.6 * 0.5 * left / (0.5 + 0.5 * left))
    assert (ready[passes] > 20).all()


@pytest.mark.parametrize("reason", ["b", ""])
def test_a_reason_that_stays_ends_it_and_one_not_told_may_pass(reason):
    waiting, _, passes = drawn(log_of(("screened", 20, "x", ""), ("failed", 20, "x", reason)))
    if reason == "b":
        assert len(waiting.place) == 0
    else:
        share = 0.5 * 2 / 3
        assert close(float(passes.mean()), 0.6 * share)


def test_who_failed_twice_or_too_long_ago_does_not_come():
    twice = [("screened", 10, "x", ""), ("failed", 10, "x", "a"), ("screened", 16, "x", ""), ("failed", 16, "x", "b")]
    old = [("screened", 9, "y", ""), ("failed", 9, "y", "a")]
    assert len(InScreening.of(log_of(*twice, *old), PLAN).place) == 0


def test_who_waits_for_a_second_screening_passes_with_its_chance():
    rows = [("screened", 10, "x", ""), ("failed", 10, "x", "a"), ("screened", 16, "x", "")]
    late = [("screened", 5, f"f{i}", "") for i in range(2)] + [("failed", 5 + 5 * i, f"f{i}", "b") for i in range(2)]
    _, _, passes = drawn(log_of(*rows, *late))
    p = 0.6 * 0.3 / (0.6 * 0.3 + 0.4 * 0.5)
    assert close(float(passes.mean()), p)


def shares_of(log, weight, screening=PLAN):
    return ScreeningShares.of(log, screening, weight, InScreening.of(log, screening))


def test_shares_are_dirichlet_with_the_planned_ones_as_so_many_patients():
    rows = [("screened", 5, f"p{i}", "") for i in range(10)]
    rows += [("failed", 5, f"p{i}", reason) for i, reason in enumerate(("a", "a", "a", "b", ""))]
    log = log_of(*rows, on=5)
    found = shares_of(log, 10.0)
    # The failure without a reason goes two to one to the reasons; five wait, and pass by the plan.
    np.testing.assert_allclose(found.counted, [3 + 2 / 3, 1 + 1 / 3, 5.0])
    np.testing.assert_allclose(found.mean, (found.counted + 10.0 * found.planned) / 20.0)
    values = found.drawn(1, REPLICATES)
    np.testing.assert_allclose(values.sum(axis=1), 1.0)
    sd = np.sqrt(found.mean * (1.0 - found.mean) / 21.0)
    assert (np.abs(values.mean(axis=0) - found.mean) < MOST_Z * sd / np.sqrt(len(values))).all()
    np.testing.assert_allclose(values.std(axis=0), sd, rtol=0.05)


def test_planned_shares_that_are_certain_stay():
    rows = [("screened", 5, f"p{i}", "") for i in range(10)] + [("failed", 5, f"p{i}", "a") for i in range(9)]
    found = shares_of(log_of(*rows), math.inf)
    assert found.mean.tolist() == found.planned.tolist()
    assert (found.drawn(1, np.arange(3)) == found.planned).all()


def test_a_reason_that_nobody_has_stays_impossible():
    plan = Screening((Reason("a", 0.2), Reason("never", 0.0)), DELAY)
    values = shares_of(log_of(screening=plan), 20.0, plan).drawn(1, np.arange(200))
    assert (values[:, 1] == 0.0).all()

"""Events to come of exponential times and Poisson accrual, against the closed forms that event prediction uses.

Bagiella and Heitjan 2001, Stat Med 20:2055: of patients at risk each has an event by a later day with probability
1 - exp(-h t), independently; those who are still to come in a Poisson process have a Poisson number of events, with
the mean integrated over their days of entry.
"""

import math
from pathlib import Path

import numpy as np
import pytest

import jaksim

PLAN = """
title = "Exponential times"
description = "One hazard, no effect, sites that are all alike."

[disease]
scale = "survival"

[disease.natural_history]
source = "made for this test"
move = [{{ move = "0>1", values = [{hazard}] }}]

[disease.treatments.drug]
drug_class = "none"
effect = []

[population]
patients = 240
stratum_sizes = "drawn"

[[population.stratum]]
name = "all"
weight = 1
baseline_score = 0

[follow_up]
days = 80

[[arm]]
name = "drug"
regimen = ["drug"]

[[arm]]
name = "control"
regimen = []
reference = true

[operations]
start = "2026-01-05"
until = 500

[[operations.country]]
name = "Site"
sites = 4
rate = {rate}

[monitoring]
analysis = "death, log_rank"
spending = "pocock"

[[monitoring.interim]]
when = "day >= {at}"
information = 0.5

[[endpoint]]
name = "death"
kind = "time_to_event"
set = "dead"

[[analysis]]
endpoint = "death"
method = "log_rank"
role = "primary"
"""
REPLICATES = 1000
MOST_Z = 4.0


@pytest.mark.parametrize(
    ("hazard", "rate", "on", "at"), [(0.02, 0.5, 20, 40), (0.1, 0.2, 30, 35), (0.005, 0.7, 12, 50)]
)
def test_events_by_a_day_are_binomial_and_poisson(tmp_path, hazard, rate, on, at):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(hazard=hazard, rate=rate, at=at))
    log = jaksim.simulate_log(plan, on=on, seed=5, scores=False)
    entered = {row["patient"]: int(row["day"]) for row in log.rows() if row["event"] == "randomised"}
    died = {row["patient"] for row in log.rows() if row["event"] == "died"}
    assert died
    found = jaksim.forecast(plan, log.to_pandas(), on=on, replicates=REPLICATES, seed=3)
    assert found.numbers["analysis_day: 1"].bands["95"] == (at, at)
    at_risk = len(entered) - len(died)
    p = 1.0 - math.exp(-hazard * (at - on))
    # Who enters on day d has at - d days of follow-up by the end of day `at`.
    to_come = sum(4 * rate * (1.0 - math.exp(-hazard * (at - day))) for day in range(on + 1, at + 1))
    mean, variance = len(died) + at_risk * p + to_come, at_risk * p * (1.0 - p) + to_come
    events = found.numbers["events_at_cut: 1"]
    assert abs(events.mean - mean) < MOST_Z * math.sqrt(variance / REPLICATES)
    assert abs(events.sd**2 / variance - 1.0) < MOST_Z * math.sqrt(2.0 / REPLICATES) * 1.1
    enrolled = found.numbers["enrolled_at_cut: 1"]
    coming = 4 * rate * (at - on)
    assert abs(enrolled.mean - len(entered) - coming) < MOST_Z * math.sqrt(coming / REPLICATES)
    assert np.isfinite(found.numbers["full_day"].median)
    assert Path(found.data).name == "data"

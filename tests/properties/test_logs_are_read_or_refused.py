"""Whatever stands in a log, it is read or refused with a message, and what is read can be forecast."""

import math
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.design.forecasting import Beliefs, RunningTrial
from jaksim.design.prepared import Prepared
from jaksim.design.running_log import SimulatedLogs
from jaksim.errors import InputError
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario import load_scenario

SITES = Path(__file__).parents[1] / "scenarios" / "sites.toml"
ON = 30
WORDS = (
    "", "NA", "0", "-3", "7", "31", "2.5", "1e300", "x", "activated", "closed", "screened", "failed", "randomised",
    "score", "died", "analysis", "Here 1", "There 2", "Here", "drug", "ill", "too well", "2026-01-20", "20-1-2026", "4",
)  # fmt: skip


@cache
def made():
    trial = load_scenario(SITES).trial
    rows = SimulatedLogs(trial, 3, unblinded=True).rows(0, ON)
    return trial, Prepared(trial, 3, "path"), rows


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_a_log_with_anything_in_it_is_read_or_refused(data):
    trial, prepared, rows = made()
    changed = [dict(row) for row in rows]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        what = data.draw(st.sampled_from(("change", "drop", "repeat")))
        if what == "change":
            changed[at][data.draw(st.sampled_from(tuple(rows[0])))] = data.draw(st.sampled_from(WORDS))
        elif what == "drop":
            del changed[at]
        else:
            changed.append(dict(changed[at]))
    table = {name: [row[name] for row in changed] for name in rows[0]}
    gaps = data.draw(st.sampled_from(("error", "model")))
    try:
        log = read_log(columns_of(table), trial, trial.operations, ON, gaps)
        running = RunningTrial(prepared, log, Beliefs.of(log, trial.operations, 0.0, math.inf), 1)
    except InputError as error:
        assert str(error)  # noqa: PT017
        return
    numbers = running.block(0, 2).numbers
    assert (numbers["full_day"] <= numbers["complete_day"]).all()
    assert np.isfinite(numbers["analysis_day: 1"]).all()

"""The conduct of trials as events in SimPy."""

from __future__ import annotations

import pytest

from benchmarks.conduct import conducted_trials


@pytest.mark.parametrize(("dispensings", "monitored"), [(0, False), (1, False), (8, False), (8, True)])
def test_trials_as_events(alone, dispensings, monitored):
    alone(conducted_trials(dispensings, monitored=monitored))

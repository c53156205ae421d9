"""The conduct of trials by each door."""

from __future__ import annotations

import pytest

from benchmarks import conduct

DOORS = {"screened": conduct.screened_trials, "power": conduct.trials_with_power, "exact": conduct.exact_laws}


@pytest.mark.parametrize(("dispensings", "monitored"), [(0, False), (1, False), (8, False), (8, True)])
def test_trials_as_events(alone, dispensings, monitored):
    alone(conduct.conducted_trials(dispensings, monitored=monitored))


def test_trials_as_events_beside_others(beside):
    beside(conduct.trials_by_hand(), conduct.conducted_trials(8, monitored=True))


@pytest.mark.parametrize("door", DOORS)
def test_other_doors(alone, door):
    alone(DOORS[door]())
